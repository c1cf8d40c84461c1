import { type Admin, ConfigResourceTypes } from '@platformatic/kafka'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { delay } from '#foundation/time/timers.ts'
import type { Retention } from '#language/query/stream.ts'
import { createAdmin, type KafkaConnection } from './connection.ts'
import { asKafka, isAnswer } from './kafka-error.ts'

export interface TopicSettings {
  readonly topic: string
  readonly partitions: number
  readonly replication: number
  /** Only the newest record of each key is kept for good. */
  readonly compacted?: boolean
  /** All partitions together; without limit when absent. Of a compacted topic nothing is forgotten. */
  readonly retention?: Retention
  /** The broker's clock dates records, not the producer's: an arrival is when the record was appended. */
  readonly appendTime?: boolean
}

/** One thing in which a topic is not as it is asked for. */
export interface TopicDifference {
  readonly topic: string
  readonly setting: string
  readonly wanted: string
  readonly found: string
}

/** How long a topic that was just created may stay unknown to some brokers. */
const VISIBLE_WITHIN_ATTEMPTS = 50
const VISIBLE_PAUSE_MS = 100
/** A record of 1 MiB in a batch of its own. */
const MESSAGE_BYTES_MAX = 2 * 1024 * 1024
const MIN_INSYNC_REPLICAS_FROM = 3
/**
 * What is in the segment that is being written is not compacted, so that whoever restores reads all of it: by default a gigabyte. Small segments, and cleaning
 * before half of them are overwritten, bound it by what is kept and some tens of megabytes.
 */
const COMPACTED_SEGMENT_BYTES = 16 * 1024 * 1024
const COMPACTED_DIRTY_RATIO = '0.2'

/**
 * Creates the topics that are not there. What exists is left as it is: its differences are answered, to be said to whoever deploys.
 * @throws MSB_KAFKA_TOPIC_MISMATCH when a topic has another number of partitions: keys and positions would mean something else;
 *   MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED, MSB_KAFKA_FAILED
 */
export async function ensureTopics(
  connection: KafkaConnection,
  topics: readonly TopicSettings[],
): Promise<readonly TopicDifference[]> {
  const admin = createAdmin(connection)
  try {
    const existing = new Set(await asKafka('listing topics', () => admin.listTopics()))
    for (const settings of topics) if (!existing.has(settings.topic)) await createTopic(admin, settings)
    await waitUntilVisible(admin, topics)
    const differences: TopicDifference[] = []
    for (const settings of topics)
      if (existing.has(settings.topic)) differences.push(...(await differencesOf(admin, settings)))
    return differences
  } finally {
    await admin.close().catch(() => {})
  }
}

async function createTopic(admin: Admin, settings: TopicSettings): Promise<void> {
  const configs = [...configsOf(settings)].map(([name, value]) => ({ name, value }))
  try {
    await admin.createTopics({
      topics: [settings.topic],
      partitions: settings.partitions,
      replicas: settings.replication,
      configs,
    })
  } catch (error) {
    // Another process was faster; what it created is looked at like any other.
    if (isAnswer(error, 'TOPIC_ALREADY_EXISTS')) return
    if (isAnswer(error, 'INVALID_REPLICATION_FACTOR'))
      throw new MysimbdpError(
        'MSB_KAFKA_TOPIC_MISMATCH',
        `topic '${settings.topic}' is to have ${settings.replication} replicas, and the cluster has fewer brokers`,
        { cause: error, hint: 'Lower broker.replication in the configuration, or start more brokers.' },
      )
    await asKafka(`creating topic '${settings.topic}'`, () => Promise.reject(error))
  }
}

/** Settings of a topic as the broker names them. */
function configsOf({ partitions, replication, compacted, retention, appendTime }: TopicSettings): Map<string, string> {
  const configs = new Map([['max.message.bytes', String(MESSAGE_BYTES_MAX)]])
  if (replication >= MIN_INSYNC_REPLICAS_FROM) configs.set('min.insync.replicas', '2')
  if (appendTime === true) configs.set('message.timestamp.type', 'LogAppendTime')
  configs.set('cleanup.policy', compacted === true ? 'compact' : 'delete')
  if (compacted === true) {
    configs.set('segment.bytes', String(COMPACTED_SEGMENT_BYTES))
    configs.set('min.cleanable.dirty.ratio', COMPACTED_DIRTY_RATIO)
    return configs
  }
  const { timeMs = null, bytes = null } = retention ?? {}
  configs.set('retention.ms', String(timeMs ?? -1))
  configs.set('retention.bytes', String(bytes === null ? -1 : Math.ceil(bytes / partitions)))
  return configs
}

async function waitUntilVisible(admin: Admin, topics: readonly TopicSettings[]): Promise<void> {
  const names = topics.map(({ topic }) => topic)
  for (let attempt = 1; ; attempt++) {
    try {
      const metadata = await admin.metadata({ topics: names, forceUpdate: true, retries: 0 })
      const isVisible = topics.every(({ topic }) => metadata.topics.get(topic)?.partitions.every(hasLeader) === true)
      if (isVisible) return
    } catch (error) {
      if (attempt >= VISIBLE_WITHIN_ATTEMPTS) await asKafka('creating topics', () => Promise.reject(error))
    }
    if (attempt >= VISIBLE_WITHIN_ATTEMPTS)
      throw new MysimbdpError(
        'MSB_KAFKA_FAILED',
        `the topics ${names.join(', ')} were created, and have no leaders yet`,
      )
    await delay(VISIBLE_PAUSE_MS)
  }
}

const hasLeader = (partition: { readonly leader: number } | undefined): boolean =>
  partition !== undefined && partition.leader >= 0

async function differencesOf(admin: Admin, settings: TopicSettings): Promise<readonly TopicDifference[]> {
  const { topic } = settings
  const { partitions, replication } = await shapeOf(admin, topic)
  if (partitions !== settings.partitions)
    throw new MysimbdpError(
      'MSB_KAFKA_TOPIC_MISMATCH',
      `topic '${topic}' has ${partitions} partitions, and is asked for with ${settings.partitions}`,
    )
  const found = await configsFound(admin, topic)
  const wanted = new Map([['replication', String(settings.replication)], ...configsOf(settings)])
  found.set('replication', String(replication))
  return [...wanted].flatMap(([setting, value]) => {
    const other = found.get(setting)
    return other === undefined || other === value ? [] : [{ topic, setting, wanted: value, found: other }]
  })
}

async function shapeOf(admin: Admin, topic: string): Promise<{ partitions: number; replication: number }> {
  const metadata = await asKafka(`looking at topic '${topic}'`, () => admin.metadata({ topics: [topic] }))
  const { partitions } = metadata.topics.get(topic)!
  return { partitions: partitions.length, replication: partitions[0]!.replicas.length }
}

async function configsFound(admin: Admin, topic: string): Promise<Map<string, string>> {
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }
  const [answer] = await asKafka(`looking at topic '${topic}'`, () => admin.describeConfigs({ resources: [resource] }))
  return new Map(
    answer!.configs.flatMap(({ name, value }) => (value === null || value === undefined ? [] : [[name, value]])),
  )
}
