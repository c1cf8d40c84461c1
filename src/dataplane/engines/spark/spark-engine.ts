import { fingerprint } from '#language/plan/fingerprint.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import { type SourceNode, sourceOf, streamsOf } from '#language/plan/plan.ts'
import { requireSupport } from '#language/plan/unsupported-parts.ts'
import type { WriterSchemas } from '../../decoding/message-decoder.ts'
import type { Engine, Job, JobSpec } from '../engine.ts'
import type { RelayedResults } from '../relayed-results.ts'
import { sparkCapabilities } from './capabilities.ts'
import type { SparkJobPlace } from './jobs/running-queries.ts'
import { SparkJob } from './jobs/spark-job.ts'
import { lowerDeadLetters } from './lowering/dead-letters.ts'
import {
  type KafkaQuery,
  type KafkaRecords,
  kafkaOptions,
  kafkaRecords,
  lowerForKafka,
} from './lowering/kafka-query.ts'
import type { RecordWriters } from './lowering/record-writers.ts'
import type { ComputedTopics } from './relay/relays.ts'

/** The topics of an app, and the brokers that have them. */
export interface SparkTopics extends ComputedTopics {
  readonly bootstrapServers: readonly string[]
  inputTopic(plan: AppPlan, stream: string): string
  /** Has a partition for each of the stream's. */
  deadLettersTopic(plan: AppPlan, stream: string): string
}

/** What is the same for all jobs on a Spark server, and comes from elsewhere. */
export interface SparkPlugins {
  readonly topics: SparkTopics
  /** By which Avro records are read. */
  readonly schemas: WriterSchemas
  /** Takes the results over from whoever wrote them. */
  openResults(spec: JobSpec): Promise<RelayedResults>
}

/** What a batch reads at most, so that the first one after a pause is not all there is. */
const BATCH_RECORDS_MAX = 200_000
/** A record of 1 MiB in base64, and why it was rejected. */
const LETTER_BYTES_MAX = 2 * 1024 * 1024

/** Runs the queries of an app on a Spark server, from topics to topics of Kafka; what they write is relayed into the results. */
export class SparkEngine implements Engine {
  readonly capabilities = sparkCapabilities
  readonly #place: SparkJobPlace
  readonly #plugins: SparkPlugins

  constructor(place: SparkJobPlace, plugins: SparkPlugins) {
    this.#place = place
    this.#plugins = plugins
  }

  async openJob(spec: JobSpec): Promise<Job> {
    const { plan } = spec
    requireSupport(plan, this.capabilities)
    const queries = plan.queries.map((query) => {
      const { stream } = sourceOf(query.output)
      const lower = (writers: RecordWriters) => lowerForKafka(plan, query, this.#topic(plan, stream), writers)
      return { name: query.name, fingerprint: fingerprint(query, plan.timeZone), stream, lower }
    })
    const letters = [...streamsOf(plan).values()]
      .filter(({ badRecords }) => badRecords === 'dead-letter')
      .map((source) => ({
        stream: source.stream,
        lower: (writers: RecordWriters) => this.#letters(plan, source, writers),
      }))
    const { topics, schemas, openResults } = this.#plugins
    const results = await openResults(spec)
    try {
      return SparkJob.open(spec, { queries, letters }, this.#place, { results, topics, schemas })
    } catch (error) {
      await results.close()
      throw error
    }
  }

  #topic(plan: AppPlan, stream: string): KafkaRecords {
    const connection = { 'bootstrap.servers': this.#plugins.topics.bootstrapServers.join(',') }
    return { connection, topic: this.#plugins.topics.inputTopic(plan, stream), batchRecordsMax: BATCH_RECORDS_MAX }
  }

  #letters(plan: AppPlan, source: SourceNode, writers: RecordWriters): KafkaQuery {
    const records = this.#topic(plan, source.stream)
    const options = {
      ...kafkaOptions(records.connection),
      topic: this.#plugins.topics.deadLettersTopic(plan, source.stream),
      'kafka.max.request.size': String(LETTER_BYTES_MAX),
    }
    const input = lowerDeadLetters(source, kafkaRecords(records), writers)
    return { input, outputMode: 'append', format: 'kafka', options }
  }

  /** Which records are late is decided by Spark's batches. */
  lateRecords(): ReadonlyMap<string, number> {
    return new Map()
  }
}
