import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { Wait } from '#foundation/time/timers.ts'
import type { WriterSchemas } from '../../../decoding/message-decoder.ts'
import type { Job, JobStatus, QueryStatus } from '../../engine.ts'
import type { RelayedCommit, RelayedResults } from '../../relayed-results.ts'
import type { RelayFigures, RemoteRun } from '../../remote-query.ts'
import { type ComputedTopics, Relays } from '../relay/relays.ts'
import type { KnownQuery } from './checkpoint-choice.ts'
import {
  knownQuery,
  type SparkJobQuery,
  type SparkJobSpec,
  type SparkLetters,
  wantedLetters,
  wantedQuery,
} from './job-queries.ts'
import { type JobRecord, type Positions, readJobRecord, writeJobRecord } from './job-record.ts'
import { LearntWriters } from './learnt-writers.ts'
import { RunningQueries, type SparkJobPlace, type WantedQuery } from './running-queries.ts'
import { discard, fitStored, type Superseded } from './stored-results.ts'
import { NOT_STARTED, type SupervisedQuery } from './supervised-query.ts'

export interface SparkJobQueries {
  readonly queries: readonly SparkJobQuery[]
  readonly letters: readonly SparkLetters[]
}

/** Where the rows of a job go, from the topics that Spark writes to into the results, and where schemas of its records are known. */
export interface SparkJobPlugins {
  readonly results: RelayedResults
  readonly topics: ComputedTopics
  readonly schemas: WriterSchemas
}

/** How often the server is asked for progress. It also keeps the session, which a server may close after an hour without a request. */
const POLL_MS = 1000

const NOTHING_READ = Number.NEGATIVE_INFINITY
const AT_THE_BEGINNING: Positions = [{ partition: 0, offset: 0, maxEventTime: NOTHING_READ }]
const NOTHING_RELAYED: RelayFigures = { readRows: 0, repeatedRows: 0, unreadRows: 0 }

interface OpenedJob extends SparkJobQueries, Omit<SparkJobPlugins, 'schemas'> {
  readonly spec: SparkJobSpec
  readonly known: ReadonlyMap<string, KnownQuery>
  readonly place: SparkJobPlace
  readonly writers: LearntWriters
  readonly before: JobRecord
}

/**
 * The queries of an app on a Spark server, started on their checkpoints, or found running and taken over; and the relay of their rows. Its first step changes what
 * is stored, its second one connects, and then it is one look at the server each second, and a commit whenever Spark has written rows.
 */
export class SparkJob implements Job {
  readonly #opened: OpenedJob
  readonly #wanted: readonly WantedQuery[]
  /** By stream. Their rows are not relayed: who reads dead letters takes one that comes twice for one. */
  readonly #letters: ReadonlyMap<string, WantedQuery>
  #relays: Relays | null = null
  #running: RunningQueries | null = null
  #record: JobRecord
  readonly #closedUpToMs = new Map<string, number>()
  /** As they were when they were told. */
  #toldStates = ''
  #lookAtMs = Number.NEGATIVE_INFINITY
  /** Spark has written rows since they were last read. */
  #hasGrown = true
  #pause = new Wait(0)
  #closing = false
  readonly durablePositions = []

  private constructor(opened: OpenedJob) {
    this.#opened = opened
    this.#wanted = opened.queries.map((query) => {
      const known = opened.known.get(query.name)!
      return wantedQuery(query, known, this.#topicOf(query.name), opened.writers)
    })
    this.#letters = new Map(opened.letters.map((letters) => [letters.stream, wantedLetters(letters, opened.writers)]))
    this.#record = opened.before
  }

  /** @throws MSB_STATE_FINGERPRINT, MSB_STATE_DAMAGED */
  static open(
    spec: SparkJobSpec,
    { queries, letters }: SparkJobQueries,
    place: SparkJobPlace,
    { results, topics, schemas }: SparkJobPlugins,
  ): SparkJob {
    const origins = new Map(results.queries().map(({ query, origin }) => [query, origin]))
    const known = new Map(queries.map((query) => [query.name, knownQuery(query, origins.get(query.name), spec)]))
    const before = readJobRecord(place.recordFile)
    const writers = new LearntWriters(schemas, before.writers ?? {})
    return new SparkJob({ spec, queries, letters, known, place, writers, results, topics, before })
  }

  #topicOf(query: string): string {
    const { spec, known, topics } = this.#opened
    return topics.topicOf(spec.plan.name, query, known.get(query)!.checkpoint)
  }

  /** Answers true for ever: Spark reads by itself, there is always something to look at. @throws what `SparkSession` and the results throw */
  async step(): Promise<boolean> {
    if (this.#relays === null) {
      this.#relays = await this.#begin()
      return true
    }
    await this.#pause.over
    if (this.#closing) return false
    let hasBatches = false
    try {
      if (this.#nowMs() >= this.#lookAtMs) hasBatches = await this.#look()
    } finally {
      // What Spark has written is there whether or not it answers.
      await this.#relay(this.#relays, hasBatches)
    }
    const hasMore = this.#hasGrown || !this.#relays.areAtEnd
    this.#pause = new Wait(hasMore ? 0 : Math.max(this.#lookAtMs - this.#nowMs(), 0))
    return true
  }

  #nowMs(): number {
    return this.#opened.place.clock.monotonicMs()
  }

  /** Makes what is stored fit the plan. */
  async #begin(): Promise<Relays> {
    const { spec, known, results, topics } = this.#opened
    this.#supersede(await fitStored(results, known))
    const topicByQuery = new Map(this.#wanted.map(({ name }) => [name, this.#topicOf(name)]))
    await topics.ensure([...topicByQuery.values()])
    const position = results.begin(spec.plan)
    const relays = await Relays.open(topicByQuery, topics, results, () => {
      this.#hasGrown = true
      this.#pause.end()
    })
    spec.onCommit?.({ position, changes: [], read: [] })
    return relays
  }

  /** Noted before Spark is asked for anything: it may not be there. */
  #supersede(found: readonly Superseded[]): void {
    if (found.length === 0) return
    this.#record = { ...this.#record, superseded: [...(this.#record.superseded ?? []), ...found] }
    writeJobRecord(this.#opened.place.recordFile, this.#record)
  }

  /** Deletes what no query runs on any more. */
  async #discard(): Promise<void> {
    const { spec, topics, place } = this.#opened
    const { superseded = [] } = this.#record
    if (superseded.length === 0) return
    await discard(spec.plan.name, superseded, { topics, checkpoints: place.checkpoints })
    this.#record = { ...this.#record, superseded: [] }
    writeJobRecord(place.recordFile, this.#record)
  }

  /** Starts a query that is due, or asks how they are. Answers whether batches have come through. */
  async #look(): Promise<boolean> {
    this.#running ??= await this.#connect()
    const { due } = this.#running
    if (due === undefined) {
      this.#lookAtMs = this.#nowMs() + POLL_MS
      return this.#running.poll()
    }
    await this.#requireOwnership(due)
    await due.start()
    return false
  }

  async #connect(): Promise<RunningQueries> {
    const { spec, place, writers } = this.#opened
    const onSession = (sessionId: string): void => this.#writeRecord(sessionId)
    const running = await RunningQueries.connect({
      app: spec.plan.name,
      queries: [...this.#wanted, ...this.#letters.values()],
      place,
      writers,
      before: this.#record,
      onSession,
    })
    this.#hasGrown = true
    await this.#discard()
    return running
  }

  /** A query that was stopped by somebody else may have been so by an instance that has taken the app over: starting it again would take it back. */
  async #requireOwnership({ name, facts }: SupervisedQuery): Promise<void> {
    if (facts.state === 'starting') return
    // Any query of the app tells.
    const asked = name.slice(name.indexOf('.') + 1)
    const query = this.#opened.known.has(asked) ? asked : this.#wanted[0]!.name
    const { readTo } = this.#relays!.of(query)
    await this.#commit([{ query, readTo, rows: [], removedKeys: [], closedUpToMs: this.#closedUpTo(query) }])
  }

  /** Brings over what Spark has written, and tells how the queries are. */
  async #relay(relays: Relays, hasBatches: boolean): Promise<void> {
    this.#hasGrown = false
    const taken = await relays.take()
    for (const [query, facts] of this.#facts()) {
      // What Spark has told of was written before: at the end of what is written all rows of windows that it has closed are here.
      const watermarkMs = facts.batch?.watermarkMs ?? null
      if (watermarkMs !== null && relays.of(query).isAtEnd) this.#closedUpToMs.set(query, watermarkMs)
    }
    const states = this.#running?.states ?? ''
    if (!hasBatches && taken.size === 0 && states === this.#toldStates) return
    // What only says how things are is no commit to who counts them.
    if (hasBatches || taken.size > 0) this.#opened.spec.onCommitBegun?.()
    if (this.#running !== null && this.#record.sessionId !== null) this.#writeRecord(this.#record.sessionId)
    this.#toldStates = states
    await this.#commit([...taken].map(([query, rows]) => ({ query, ...rows, closedUpToMs: this.#closedUpTo(query) })))
  }

  #closedUpTo(query: string): number {
    return this.#closedUpToMs.get(query) ?? NOTHING_READ
  }

  async #commit(commits: readonly RelayedCommit[]): Promise<void> {
    const { results, spec } = this.#opened
    const commit = await results.commit(commits)
    spec.onCommit?.(commit)
  }

  *#facts(): Iterable<readonly [query: string, facts: RemoteRun]> {
    for (const { name } of this.#wanted) {
      const supervised = this.#running?.byName.get(name)
      if (supervised !== undefined) yield [name, supervised.facts]
    }
  }

  #writeRecord(sessionId: string): void {
    const { writers, place } = this.#opened
    const started = ({ name, checkpoint, asked }: WantedQuery, positions: Positions) =>
      [name, { checkpoint, submitted: asked().submitted, positions }] as const
    const queries = this.#wanted.map((query) => started(query, this.#statusOf(query.name).positions))
    const letters = [...this.#letters.values()].map((query) => started(query, []))
    this.#record = {
      ...this.#record,
      sessionId,
      queries: Object.fromEntries([...queries, ...letters]),
      writers: writers.known,
    }
    writeJobRecord(place.recordFile, this.#record)
  }

  get status(): JobStatus {
    const deadLetters = [...this.#letters].map(([stream, { name }]) => ({ stream, remote: this.#factsOf(name) }))
    return { queries: this.#wanted.map(({ name }) => this.#statusOf(name)), deadLetters }
  }

  #factsOf(name: string): RemoteRun {
    return this.#running?.byName.get(name)?.facts ?? NOT_STARTED
  }

  #statusOf(name: string): QueryStatus {
    const facts = this.#factsOf(name)
    const { batch } = facts
    const maxEventTime = batch?.maxEventTimeMs ?? NOTHING_READ
    const positions = batch?.positions.map(({ partition, offset }) => ({ partition, offset, maxEventTime })) ?? []
    return {
      query: name,
      // Spark counts groups that were late, not records: `remote` has them.
      lateRecords: 0,
      positions: positions.length === 0 ? this.#positionsBefore(name) : positions,
      closedUpToMs: this.#closedUpTo(name),
      openWindowEndMs: null,
      stateBytes: batch?.stateBytes ?? 0,
      spilledGroups: 0,
      remote: { ...facts, relay: this.#relays?.of(name).figures ?? NOTHING_RELAYED },
    }
  }

  #positionsBefore(name: string): Positions {
    const before = this.#record.queries[name]
    return before?.checkpoint === this.#opened.known.get(name)!.checkpoint ? before.positions : AT_THE_BEGINNING
  }

  checkpoint(): void {
    this.#opened.results.checkpoint()
  }

  async finish(): Promise<void> {
    throw new MysimbdpError('MSB_PLAN_UNSUPPORTED', 'Spark runs streams that have no end')
  }

  /** Ends the queries; the next job goes on from their checkpoints. */
  async close(): Promise<void> {
    this.#closing = true
    this.#pause.end()
    await this.#running?.stop()
    await this.#relays?.close()
    await this.#opened.results.close()
  }
}
