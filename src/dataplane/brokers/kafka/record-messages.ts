import { recordsAsJson } from '../../decoding/record-json.ts'
import type { DecodedBatch } from '../../records/record-batch.ts'
import type { BatchPlaces } from './record-placing.ts'
import type { KafkaMessage } from './transactional-producer.ts'

/**
 * Received records in their order, as they go onto the topic: accepted ones as JSON with all their digits, rejected ones as they came, so that who reads the
 * topic rejects them for the same reason.
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
  for (const { position, raw } of rejected) values[position] = Buffer.from(raw)
  return values.map((value, position) => ({
    topic,
    partition: partitions[position]!,
    key: keys?.[position] ?? null,
    value,
  }))
}
