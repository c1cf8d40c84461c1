import { type QueryPlan, sourceOf } from '#language/plan/plan.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import type { Lateness, QueryStatus } from '../../engine.ts'
import { compileQuery } from '../compile/compile-query.ts'
import type { Operator } from '../operators/operator.ts'
import type { StateOverflow } from '../operators/state-budget.ts'
import type { BatchSharing } from '../sharing/batch-sharing.ts'
import type { Position, QueryCommit, StoredQuery, StoredQueryState } from '../state/job-store.ts'

/** What the greatest event time of a partition is lowered by to decide lateness (semantics 2.3, 2.5); Infinity: nothing is late. */
export function latenessDelayMs({ output }: QueryPlan): number {
  const delayMs = sourceOf(output).watermarkDelayMs ?? Number.POSITIVE_INFINITY
  return delayMs + (output.mode === 'complete' ? (output.keepMs ?? Number.POSITIVE_INFINITY) : 0)
}

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
  /** Whether rows of complete leave when their window closes. */
  readonly rowsLeave: boolean
  #lateRecords: number
  #changed = false
  #closedUpToMs = Number.NEGATIVE_INFINITY

  constructor(
    query: QueryPlan,
    timeZone: string,
    lateness: Lateness,
    { lateRecords, boundMs, positions }: Pick<StoredQuery, 'lateRecords' | 'boundMs' | 'positions'>,
    sharing: BatchSharing,
    overflow: StateOverflow | null,
  ) {
    const source = sourceOf(query.output)
    this.name = query.name
    this.stream = source.stream
    this.#positions = [...positions]
    this.#delayMs =
      lateness === 'none' ? Number.POSITIVE_INFINITY : (source.watermarkDelayMs ?? Number.POSITIVE_INFINITY)
    this.#latenessDelayMs = lateness === 'none' ? Number.POSITIVE_INFINITY : latenessDelayMs(query)
    this.#lateRecords = lateRecords
    this.rowsLeave = query.output.mode === 'complete' && lateness === 'watermark'
    const options = { keepAllRows: lateness !== 'watermark', boundMs, watermarkDelayMs: this.#delayMs }
    this.#operator = compileQuery(query, timeZone, options, sharing, overflow)
  }

  restore(state: StoredQueryState): void {
    this.#operator.restore(state)
    this.#closedUpToMs = state.closedUpToMs
  }

  /** Late records that stay although the query begins anew. */
  carryOver(lateRecords: number): void {
    this.#lateRecords = lateRecords
  }

  /** How the query stands after its last commit. */
  get status(): QueryStatus {
    const { openWindowEndMs, stateBytes, spilledGroups } = this.#operator
    return {
      query: this.name,
      lateRecords: this.#lateRecords,
      positions: this.#positions,
      closedUpToMs: this.#closedUpToMs,
      openWindowEndMs,
      stateBytes,
      spilledGroups,
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
      ...position,
      offset: batch.endOffset,
      generation,
      maxEventTime: Math.max(position.maxEventTime, batch.maxEventTimeBefore, batch.maxEventTime),
    }
    this.#changed = true
  }

  /** The log ends at `offset` and has seen this event time, idle marks after its last record included. Answers whether that is news. */
  reachEnd(partition: number, offset: number, maxEventTime: number): boolean {
    const position = this.#positions[partition]!
    if (position.offset !== offset || maxEventTime <= position.maxEventTime) return false
    this.#positions[partition] = { ...position, maxEventTime }
    this.#changed = true
    return true
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
