import type { AcceptedRecord } from './read-stream.ts'
import { keyPart } from './value-text.ts'

export interface Deduplicated {
  readonly kept: readonly AcceptedRecord[]
  readonly late: readonly AcceptedRecord[]
}

/** Rule 3.6. `delayMs`: that of the stream's watermark. */
export function deduplicate(
  records: readonly AcceptedRecord[],
  keys: readonly string[],
  delayMs: number,
): Deduplicated {
  const kept: AcceptedRecord[] = []
  const late: AcceptedRecord[] = []
  const keyOf = ({ row }: AcceptedRecord): string => keys.map((name) => keyPart(row[name])).join('|')
  for (const record of records) {
    const lives = (earlier: AcceptedRecord): boolean => earlier.eventTime + delayMs > record.watermark
    if (record.eventTime <= record.watermark) late.push(record)
    else if (!kept.some((earlier) => keyOf(earlier) === keyOf(record) && lives(earlier))) kept.push(record)
  }
  return { kept, late }
}
