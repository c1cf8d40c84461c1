import type { AppPlan, QueryPlan } from '#language/plan/plan.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { read } from './messages.ts'
import { lowerQuery } from './query.ts'
import type { RecordWriters } from './record-writers.ts'

export interface KafkaRecords {
  /** Options of the connection, in Kafka's names: `bootstrap.servers` and what security asks for. */
  readonly connection: Readonly<Record<string, string>>
  readonly topic: string
  /** Records that one batch may have: what bounds its memory, and how far rows of one batch may be apart. */
  readonly batchRecordsMax: number
}

/** A query from topic to topic, as it is started; name, trigger, checkpoint and topic are the job's. */
export interface KafkaQuery {
  readonly input: RelationInit
  readonly outputMode: 'append' | 'update'
  readonly format: 'kafka'
  readonly options: Readonly<Record<string, string>>
}

/** The connection as Spark's options. */
export const kafkaOptions = (connection: KafkaRecords['connection']): Record<string, string> =>
  Object.fromEntries(Object.entries(connection).map(([name, value]) => [`kafka.${name}`, value]))

/** All records of a topic and those to come, as Spark's Kafka source has them. */
export function kafkaRecords({ connection, topic, batchRecordsMax }: KafkaRecords): RelationInit {
  const options = {
    ...kafkaOptions(connection),
    subscribe: topic,
    startingOffsets: 'earliest',
    maxOffsetsPerTrigger: String(batchRecordsMax),
    // A query whose records were deleted before it read them ends with an error, rather than count without them.
    failOnDataLoss: 'true',
    // Records of a transaction that was given up are none.
    'kafka.isolation.level': 'read_committed',
    includeHeaders: 'true',
  }
  return read('kafka', options, { streaming: true })
}

/** @throws MSB_PLAN_UNSUPPORTED */
export function lowerForKafka(
  plan: AppPlan,
  query: QueryPlan,
  topic: KafkaRecords,
  writers: RecordWriters,
): KafkaQuery {
  const lowering = { records: kafkaRecords(topic), lateness: 'watermark', writers } as const
  const { relation, outputMode } = lowerQuery(plan, query, lowering)
  return { input: relation, outputMode, format: 'kafka', options: kafkaOptions(topic.connection) }
}
