import { faultPoint } from '#foundation/faults/fault-points.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { resultTopicOf, streamTopicOf } from '#language/plan/topic-names.ts'
import type { Changelog, ChangelogPart, ChangelogPlaces, CommittedChanges, KeyedChanges } from '../changelog.ts'
import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'
import { deadLetterMessage } from './dead-letter-messages.ts'
import { ensureTopics } from './ensure-topics.ts'
import { type GroupOffset, GroupOffsets } from './group-offsets.ts'
import type { FetchedRecord } from './record-batches.ts'
import { changelogTopicOf } from './topic-names.ts'
import { type KafkaMessage, TransactionalProducer } from './transactional-producer.ts'

export interface KafkaChangelogSpec {
  readonly connection: KafkaConnection
  readonly app: string
  readonly queries: readonly string[]
  readonly replication: number
  readonly clock: Clock
}

/** State and results have one partition each: a job is one writer, and what it commits is read in its order. */
const PARTITION = 0

/**
 * So far a copy may lag behind. Compaction forgets a tombstone after a day (`delete.retention.ms`): a copy that has not seen it would keep
 * what was removed.
 */
const COPY_AGE_MAX_MS = 12 * 3600 * 1000

/** What a copy takes over at once. */
const PART_RECORDS = 4096

/** How far the topics were read, as text in the hands of the copy. */
interface Places {
  readonly atMs: number
  readonly topics: Readonly<Record<string, TopicPlace>>
}

interface TopicPlace {
  /** Another one for a topic that was deleted and made again. */
  readonly id: string
  readonly nextOffset: number
}

/** A topic of keyed changes, and what its records mean. */
interface ChangeTopic {
  readonly topic: string
  changesOf(records: readonly FetchedRecord[]): KeyedChanges
}

/**
 * The changelog of an app's job in Kafka: `{app}_changelog` for its state, the result topics of its queries, and its offsets as those of the group `{app}`, which
 * may lag behind the others.
 */
export class KafkaChangelog implements Changelog {
  readonly #spec: KafkaChangelogSpec
  #producer: TransactionalProducer | null = null
  readonly #places = new Map<string, TopicPlace>()
  #groupOffsets: GroupOffsets | null = null

  constructor(spec: KafkaChangelogSpec) {
    this.#spec = spec
  }

  /** @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED, MSB_KAFKA_TOPIC_MISMATCH */
  async takeOver(): Promise<void> {
    const { connection, app, replication } = this.#spec
    await ensureTopics(
      connection,
      this.#topics().map(({ topic }) => ({ topic, partitions: 1, replication, compacted: true })),
    )
    this.#producer = await TransactionalProducer.open(connection, `${app}_job`)
    this.#groupOffsets = new GroupOffsets(connection, app)
  }

  /** The state comes last: it says of rows that they were carried over. */
  #topics(): readonly ChangeTopic[] {
    const { app, queries } = this.#spec
    const results = queries.map((query) => ({
      topic: resultTopicOf(app, query),
      changesOf: (records: readonly FetchedRecord[]) => ({
        state: [],
        results: records.map(({ key, value }) => ({ query, key: textOf(key!), row: value && textOf(value) })),
      }),
    }))
    const state = {
      topic: changelogTopicOf(app),
      changesOf: (records: readonly FetchedRecord[]) => ({
        state: records.map(({ key, value }) => ({ key: textOf(key!), value })),
        results: [],
      }),
    }
    return [...results, state]
  }

  async *read(text: ChangelogPlaces | null): AsyncIterable<ChangelogPart> {
    const opened: { readonly kind: ChangeTopic; readonly log: CommittedFetch }[] = []
    try {
      for (const kind of this.#topics())
        opened.push({ kind, log: await CommittedFetch.open(this.#spec.connection, kind.topic) })
      const known = this.#placesToGoOnFrom(
        text,
        opened.map(({ log }) => log),
      )
      if (known === null) yield { restarted: true, state: [], results: [], places: '' }
      for (const { kind, log } of opened) yield* this.#readTopic(kind, log, known?.[log.topic]?.nextOffset ?? 0)
      yield { restarted: false, state: [], results: [], places: this.#placesText() }
    } finally {
      for (const { log } of opened) await log.close()
    }
  }

  /** Null where a copy has to begin anew. */
  #placesToGoOnFrom(text: ChangelogPlaces | null, logs: readonly CommittedFetch[]): Places['topics'] | null {
    if (text === null) return null
    const { atMs, topics } = JSON.parse(text) as Places
    const isYoung = this.#spec.clock.nowMs() - atMs < COPY_AGE_MAX_MS
    return isYoung && logs.every(({ topic, topicId }) => topics[topic]?.id === topicId) ? topics : null
  }

  /** A copy of some topics only is none yet, and says so by empty places. */
  async *#readTopic(kind: ChangeTopic, log: CommittedFetch, fromOffset: number): AsyncIterable<ChangelogPart> {
    this.#places.set(log.topic, { id: log.topicId, nextOffset: fromOffset })
    let records: FetchedRecord[] = []
    await log.settled(PARTITION)
    for await (const record of log.readToEnd(PARTITION, fromOffset)) {
      records.push(record)
      if (records.length < PART_RECORDS) continue
      yield this.#part(kind, log, records)
      records = []
    }
    if (records.length > 0) yield this.#part(kind, log, records)
  }

  #part(kind: ChangeTopic, log: CommittedFetch, records: readonly FetchedRecord[]): ChangelogPart {
    this.#places.set(log.topic, { id: log.topicId, nextOffset: records.at(-1)!.offset + 1 })
    return { restarted: false, ...kind.changesOf(records), places: '' }
  }

  #placesText(): ChangelogPlaces {
    const places: Places = { atMs: this.#spec.clock.nowMs(), topics: Object.fromEntries(this.#places) }
    return JSON.stringify(places)
  }

  async write(changes: CommittedChanges): Promise<ChangelogPlaces> {
    const messages = [...this.#messages(changes)]
    const offsets = await this.#producer!.run(async (transaction) => {
      const sent = await transaction.send(messages)
      faultPoint('job.changelog-sent')
      return sent
    })
    this.#groupOffsets!.follow(this.#offsetsOf(changes))
    for (const [i, { topic }] of messages.entries()) {
      const place = this.#places.get(topic)
      if (place !== undefined) this.#places.set(topic, { ...place, nextOffset: offsets[i]! + 1 })
    }
    return this.#placesText()
  }

  #offsetsOf({ positions }: CommittedChanges): readonly GroupOffset[] {
    return positions.map(({ stream, partition, offset }) => ({
      topic: streamTopicOf(this.#spec.app, stream),
      partition,
      nextOffset: offset,
    }))
  }

  *#messages({ state, results, rejected }: CommittedChanges): Iterable<KafkaMessage> {
    const { app } = this.#spec
    const stateTopic = changelogTopicOf(app)
    for (const { query, key, row } of results)
      yield {
        topic: resultTopicOf(app, query),
        partition: PARTITION,
        key: Buffer.from(key),
        value: row === null ? null : Buffer.from(row),
      }
    for (const { key, value } of state)
      yield { topic: stateTopic, partition: PARTITION, key: Buffer.from(key), value: value && bufferOf(value) }
    for (const { stream, batch, record } of rejected) {
      const { partition, baseOffset, arrivalMs } = batch
      const letter = { ...record, partition, offset: baseOffset + record.position, arrivalMs }
      yield deadLetterMessage(streamTopicOf(app, stream), letter)
    }
  }

  async close(): Promise<void> {
    await this.#groupOffsets?.close()
    await this.#producer?.close()
  }
}

const textOf = (bytes: Buffer): string => bytes.toString('utf8')
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)
