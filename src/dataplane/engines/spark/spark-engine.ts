import { fingerprint } from '#language/plan/fingerprint.ts'
import type { AppPlan, QueryPlan } from '#language/plan/plan.ts'
import { type SourceNode, sourceOf, streamsOf } from '#language/plan/plan.ts'
import { requireSupport } from '#language/plan/unsupported-parts.ts'
import type { Engine, Job, JobSpec } from '../engine.ts'
import type { RelayedResults } from '../relayed-results.ts'
import { sparkCapabilities } from './capabilities.ts'
import type { RelationInit } from './connect/spark-session.ts'
import type { SparkJobPlace, WantedQuery } from './jobs/running-queries.ts'
import { SparkJob } from './jobs/spark-job.ts'
import { lowerDeadLetters } from './lowering/dead-letters.ts'
import { read } from './lowering/messages.ts'
import { lowerQuery } from './lowering/query.ts'
import type { ComputedTopics } from './relay/relays.ts'

/** The topics of an app, and the brokers that have them. */
export interface SparkTopics extends ComputedTopics {
  readonly bootstrapServers: readonly string[]
  inputTopic(plan: AppPlan, stream: string): string
  /** Has a partition for each of the stream's. */
  deadLettersTopic(plan: AppPlan, stream: string): string
}

/** What a batch reads at most, so that the first one after a pause is not all there is. */
const BATCH_RECORDS_MAX = 200_000
/** A record of 1 MiB in base64, and why it was rejected. */
const LETTER_BYTES_MAX = 2 * 1024 * 1024

/** Runs the queries of an app on a Spark server, from topics to topics of Kafka; what they write is relayed into the results. */
export class SparkEngine implements Engine {
  readonly capabilities = sparkCapabilities
  readonly #place: SparkJobPlace
  readonly #topics: SparkTopics
  readonly #openResults: (spec: JobSpec) => Promise<RelayedResults>

  /** @param openResults takes the results over from whoever wrote them */
  constructor(place: SparkJobPlace, topics: SparkTopics, openResults: (spec: JobSpec) => Promise<RelayedResults>) {
    this.#place = place
    this.#topics = topics
    this.#openResults = openResults
  }

  async openJob(spec: JobSpec): Promise<Job> {
    const { plan } = spec
    requireSupport(plan, this.capabilities)
    const queries = plan.queries.map((query) => ({
      name: query.name,
      fingerprint: fingerprint(query, plan.timeZone),
      submitted: this.#submitted(plan, query),
    }))
    const letters = [...streamsOf(plan).values()]
      .filter(({ badRecords }) => badRecords === 'dead-letter')
      .map((source) => ({ stream: source.stream, submitted: this.#letters(plan, source) }))
    const results = await this.#openResults(spec)
    try {
      return SparkJob.open(spec, { queries, letters }, this.#place, { results, topics: this.#topics })
    } catch (error) {
      await results.close()
      throw error
    }
  }

  get #servers(): Readonly<Record<string, string>> {
    return { 'kafka.bootstrap.servers': this.#topics.bootstrapServers.join(',') }
  }

  #records(plan: AppPlan, stream: string, more: Readonly<Record<string, string>> = {}): RelationInit {
    const source = {
      ...this.#servers,
      subscribe: this.#topics.inputTopic(plan, stream),
      startingOffsets: 'earliest',
      // A query whose records were deleted before it read them ends with an error, rather than count without them.
      failOnDataLoss: 'true',
      maxOffsetsPerTrigger: String(BATCH_RECORDS_MAX),
      'kafka.isolation.level': 'read_committed',
      ...more,
    }
    return read('kafka', source, { streaming: true })
  }

  #submitted(plan: AppPlan, query: QueryPlan): WantedQuery['start'] {
    const records = this.#records(plan, sourceOf(query.output).stream)
    const { relation, outputMode } = lowerQuery(plan, query, { records, lateness: 'watermark' })
    return { input: relation, outputMode, format: 'kafka', options: this.#servers }
  }

  #letters(plan: AppPlan, source: SourceNode): WantedQuery['start'] {
    const topic = this.#topics.deadLettersTopic(plan, source.stream)
    const options = { ...this.#servers, topic, 'kafka.max.request.size': String(LETTER_BYTES_MAX) }
    const input = lowerDeadLetters(source, this.#records(plan, source.stream, { includeHeaders: 'true' }))
    return { input, outputMode: 'append', format: 'kafka', options }
  }

  /** Which records are late is decided by Spark's batches. */
  lateRecords(): ReadonlyMap<string, number> {
    return new Map()
  }
}
