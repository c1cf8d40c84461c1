import type { FeedRecord } from './feed-record.ts'

/** A record that carries its number: what comes out of a test can be compared with what went in. */
export const numbered = (number: number, eventTimeMs = number * 1000): FeedRecord => ({
  kind: 'readable',
  members: `"number":${number},`,
  eventTimeMs,
  shiftMs: 0,
})

export const textOf = (record: FeedRecord): string =>
  record.kind === 'readable' ? record.members : Buffer.from(record.bytes).toString()

/** The records in batches of this size. */
export async function* inBatchesOf(records: readonly FeedRecord[], size: number): AsyncIterable<readonly FeedRecord[]> {
  for (let start = 0; start < records.length; start += size) yield records.slice(start, start + size)
}
