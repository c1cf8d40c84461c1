import { type QueryPlan, sourceOf } from '#language/plan/plan.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import type { Lateness, QueryStatus } from '../../engine.ts'
import { compileQuery } from '../compile/compile-query.ts'
import type { Operator } from '../operators/operator.ts'
import type { Position, QueryCommit, StoredQueryState } from '../state/job-store.ts'

/** One query of a job: its operator, how far it has read each partition, and the watermarks that follow from it. */
export class QueryRunner {
  readonly name: string
  readonly stream: string
  readonly #operator: Operator
  readonly #positions: Position[]
  /** What the greatest event time is lowered by to give the watermark; Infinity when there is none. */
  readonly #delayMs: number
  /** The same for lateness, which complete puts off by `keep`. */
  readonly #latenessDelayMs: number
  #lateRecords: number
  #changed = false
  #closedUpToMs = Number.NEGATIVE_INFINITY

  constructor(
    query: QueryPlan,
    timeZone: string,
    lateness: Lateness,
    lateRecords: number,
    positions: readonly Position[],
  ) {
    const source = sourceOf(query.output)
    this.name = query.name
    this.stream = source.stream
    this.#positions = [...positions]
    this.#delayMs =
      lateness === 'none' ? Number.POSITIVE_INFINITY : (source.watermarkDelayMs ?? Number.POSITIVE_INFINITY)
    this.#latenessDelayMs =
      this.#delayMs + (query.output.mode === 'complete' ? (query.output.keepMs ?? Number.POSITIVE_INFINITY) : 0)
    this.#lateRecords = lateRecords
    this.#operator = compileQuery(query, timeZone, { keepAllRows: lateness !== 'watermark' })
  }

  restore(state: StoredQueryState): void {
    this.#operator.restore(state)
    this.#closedUpToMs = state.closedUpToMs
  }

  /** How the query stands after its last commit. */
  get status(): QueryStatus {
    const { openWindowEndMs } = this.#operator
    return {
      query: this.name,
      lateRecords: this.#lateRecords,
      positions: this.#positions,
      closedUpToMs: this.#closedUpToMs,
      openWindowEndMs,
    }
  }

  get positions(): readonly Position[] {
    return this.#positions
  }

  /** Takes a batch that begins where this query stands; another one was read for a query further behind. */
  process(batch: LoggedBatch, generation: string): void {
    const position = this.#positions[batch.partition]!
    if (batch.baseOffset !== position.offset) return
    if (batch.batch.rows > 0) this.#operator.process(batch, this.#latenessDelayMs)
    this.#positions[batch.partition] = {
      partition: batch.partition,
      offset: batch.baseOffset + batch.received,
      generation,
      maxEventTime: Math.max(position.maxEventTime, batch.maxEventTime),
    }
    this.#changed = true
  }

  /** The minimum watermark over partitions (semantics 2.4). */
  #watermarkMs(): number {
    return Math.min(...this.#positions.map(({ maxEventTime }) => maxEventTime)) - this.#delayMs
  }

  /** What changed since the last commit; undefined when nothing was read. */
  takeCommit(): QueryCommit | undefined {
    return this.#changed ? this.#commitUpTo(this.#watermarkMs()) : undefined
  }

  /** Closes every window: the input has ended. */
  takeLastCommit(): QueryCommit {
    return this.#commitUpTo(Number.POSITIVE_INFINITY)
  }

  #commitUpTo(watermarkMs: number): QueryCommit {
    this.#changed = false
    const changes = this.#operator.takeChanges(watermarkMs)
    this.#lateRecords += changes.late.length
    this.#closedUpToMs = changes.closedUpToMs
    return { query: this.name, positions: this.#positions, ...changes }
  }
}
