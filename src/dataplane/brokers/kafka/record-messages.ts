import { recordsAsJson } from '../../decoding/record-json.ts'
import type { DecodedBatch } from '../../records/record-batch.ts'
import type { BatchPlaces } from './record-placing.ts'
import { refusalHeader } from './refusal-header.ts'
import type { KafkaMessage } from './transactional-producer.ts'

/**
 * Received records in their order, as they go onto the topic: accepted ones as JSON with all their digits, rejected ones as they came, so that who reads the
 * topic rejects them for the same reason, which is in a header where the bytes alone do not give it.
 */
export function recordMessages(
  topic: string,
  { received, batch, rejected }: DecodedBatch,
  { partitions, keys }: BatchPlaces,
  { timeZone }: { readonly timeZone: string },
): KafkaMessage[] {
  const values = new Array<Buffer>(received)
  const jsonOf = recordsAsJson(batch, timeZone)
  for (let row = 0; row < batch.rows; row++) values[batch.positions?.[row] ?? row] = Buffer.from(jsonOf(row))
  const headers = new Map<number, ReadonlyMap<Buffer, Buffer>>()
  for (const record of rejected) {
    values[record.position] = Buffer.from(record.raw)
    const header = refusalHeader(record)
    if (header !== null) headers.set(record.position, header)
  }
  return values.map((value, position) => ({
    topic,
    partition: partitions[position]!,
    key: keys?.[position] ?? null,
    value,
    ...headerOf(headers.get(position)),
  }))
}

const headerOf = (headers: ReadonlyMap<Buffer, Buffer> | undefined) => (headers === undefined ? {} : { headers })
