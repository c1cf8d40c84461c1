import type { AppendResult, StreamLog, StreamReader, StreamSpec } from '#dataplane/brokers/broker.ts'
import type { KafkaConnection } from '#dataplane/brokers/kafka/connection.ts'
import type { KafkaBroker } from '#dataplane/brokers/kafka/kafka-broker.ts'
import { TransactionalProducer } from '#dataplane/brokers/kafka/transactional-producer.ts'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import { kafkaBroker, numberJson, numberStream, numbersOf, readThrough } from './kafka-streams.ts'

/** A stream of numbers on Kafka that nobody else uses, and what a test does with it. */
export interface StreamBench {
  readonly broker: KafkaBroker
  readonly spec: StreamSpec
  readonly log: StreamLog
  decode(lines: readonly string[]): DecodedBatch
  append(lines: readonly string[], sent?: { epoch: number; baseSequence: number }): Promise<AppendResult>
  /** As any other producer sends. */
  send(values: readonly (string | null)[]): Promise<void>
}

export async function withKafkaStream(
  connection: KafkaConnection,
  run: (bench: StreamBench) => Promise<void>,
  partitions = 1,
): Promise<void> {
  const spec = numberStream(partitions)
  const broker = kafkaBroker(connection, spec)
  const log = await broker.openStream(spec)
  const decoder = createJsonDecoder({ schema: spec.schema, eventTime: 'at', timeZone: 'UTC' })
  const decode = (lines: readonly string[]): DecodedBatch => {
    decoder.write(Buffer.from(lines.map((line) => `${line}\n`).join('')))
    return decoder.take(lines.length, { arrivalMs: 0, maxFutureSkewMs: null })!
  }
  const append: StreamBench['append'] = (lines, sent) => {
    const request = { partition: 0, decoded: decode(lines), arrivalMs: 0 }
    return log.append(sent === undefined ? request : { ...request, producer: { producerId: 'meter', ...sent } })
  }
  const send: StreamBench['send'] = async (values) => {
    const producer = await TransactionalProducer.open(connection, `${spec.topic}-other`)
    const messages = values.map((value) => ({
      topic: spec.topic,
      partition: 0,
      key: Buffer.from('k'),
      value: value === null ? null : Buffer.from(value),
    }))
    await producer.run((transaction) => transaction.send(messages))
    await producer.close()
  }
  try {
    await run({ broker, spec, log, decode, append, send })
  } finally {
    await broker.close()
  }
}

/** Records of these numbers, a line each. */
export const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => numberJson(from + index))
/** What a reader finds of them. */
export const numbers = async (reader: StreamReader, fromOffset = 0): Promise<number[]> =>
  (await readThrough(reader, (batch) => numbersOf([batch]), { fromOffset })).flat().map(({ v }) => v)
