import type { StreamReader, StreamSpec } from '#dataplane/brokers/broker.ts'
import type { KafkaConnection } from '#dataplane/brokers/kafka/connection.ts'
import { KafkaBroker } from '#dataplane/brokers/kafka/kafka-broker.ts'
import { createMessageDecoder } from '#dataplane/decoding/decoder.ts'
import type { WriterSchemas } from '#dataplane/decoding/message-decoder.ts'
import { columnReader } from '#dataplane/records/column-reader.ts'
import type { LoggedBatch } from '#dataplane/records/record-batch.ts'
import { randomName } from '#foundation/random/random-id.ts'
import { createSchema } from '#language/schemas/schema.ts'

/** Records `{"at":…,"v":…}` of a stream that nobody else uses. */
export const numberStream = (partitions = 1): StreamSpec => ({
  topic: `test_${randomName()}`,
  schema: createSchema('number', [
    { name: 'at', type: { kind: 'timestamp' }, nullable: false },
    { name: 'v', type: { kind: 'int' }, nullable: false },
  ]),
  eventTime: 'at',
  partitions,
})

export const numberJson = (v: number): string => `{"at":"${new Date(v * 1000).toISOString()}","v":${v}}`

const NO_SCHEMAS: WriterSchemas = { byId: async () => undefined }

interface TestBrokerOptions {
  readonly idleMarks?: boolean
  readonly keyBy?: string | null
  readonly schemas?: WriterSchemas
}

export const kafkaBroker = (
  connection: KafkaConnection,
  spec: StreamSpec,
  { idleMarks = true, keyBy = null, schemas = NO_SCHEMAS }: TestBrokerOptions = {},
): KafkaBroker =>
  new KafkaBroker({
    connection,
    partitions: spec.partitions,
    replication: 1,
    streamOptions: () => ({
      createDecoder: () =>
        createMessageDecoder({ schema: spec.schema, eventTime: spec.eventTime, timeZone: 'UTC' }, schemas),
      timeZone: 'UTC',
      maxFutureSkewMs: null,
      idleMarks,
      keyBy,
    }),
  })

/** Column `v` of what was read, with offsets. */
export const numbersOf = (batches: readonly LoggedBatch[]): { offset: number; v: number }[] =>
  batches.flatMap(({ baseOffset, batch }) =>
    Array.from({ length: batch.rows }, (_, row) => ({
      offset: baseOffset + (batch.positions?.[row] ?? row),
      v: Number(columnReader(batch.columns[1]!, { kind: 'int' })(row)),
    })),
  )

/** Each batch as `see` made something of it, before the next one was read. */
export async function readThrough<T>(
  reader: StreamReader,
  see: (batch: LoggedBatch) => T,
  { partition = 0, fromOffset = 0 } = {},
): Promise<T[]> {
  const seen: T[] = []
  for (let next = fromOffset; ; ) {
    const [batch] = await reader.read(partition, next, 1000)
    if (batch === undefined) return seen
    seen.push(see(batch))
    next = batch.endOffset
  }
}
