import type { AppPlan, QueryPlan } from '#language/plan/plan.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { read } from './messages.ts'
import { lowerQuery } from './query.ts'

export interface KafkaTopics {
  /** Options of the connection, in Kafka's names: `bootstrap.servers` and what security asks for. */
  readonly connection: Readonly<Record<string, string>>
  readonly records: string
  readonly results: string
  /** Records that one batch may have: what bounds its memory, and how far rows of one batch may be apart. */
  readonly batchRecordsMax: number
}

/** A query from topic to topic, as it is started; name, trigger and checkpoint are the job's. */
export interface KafkaQuery {
  readonly input: RelationInit
  readonly outputMode: 'append' | 'update'
  readonly format: 'kafka'
  readonly options: Readonly<Record<string, string>>
}

const kafkaOptions = (connection: KafkaTopics['connection']): Record<string, string> =>
  Object.fromEntries(Object.entries(connection).map(([name, value]) => [`kafka.${name}`, value]))

/** @throws MSB_PLAN_UNSUPPORTED */
export function lowerForKafka(plan: AppPlan, query: QueryPlan, topics: KafkaTopics): KafkaQuery {
  const connection = kafkaOptions(topics.connection)
  const records = read(
    'kafka',
    {
      ...connection,
      subscribe: topics.records,
      startingOffsets: 'earliest',
      maxOffsetsPerTrigger: String(topics.batchRecordsMax),
      // What retention took away is an error, and not a gap.
      failOnDataLoss: 'true',
      // Records of a transaction that was given up are none.
      'kafka.isolation.level': 'read_committed',
    },
    { streaming: true },
  )
  const { relation, outputMode } = lowerQuery(plan, query, { records, lateness: 'watermark' })
  return { input: relation, outputMode, format: 'kafka', options: { ...connection, topic: topics.results } }
}
