import type { PartitionBounds, StreamLog } from '#dataplane/brokers/broker.ts'
import type { IdlePolicy } from '#language/query/stream.ts'

export interface IdleWatchSpec {
  readonly log: StreamLog
  readonly policy: IdlePolicy
  /** What the watermark lags behind; null for a stream without. */
  readonly delayMs: number | null
  /** Within so many ms after a record all its windows end. */
  readonly longestWindowMs: number
  /** When the log was opened: a partition of which nothing is known was not idle before. */
  readonly startedMs: number
}

/** Marks the partitions of a stream that have fallen silent (semantics 2.7). Only the owner of the log does. */
export class IdleWatch {
  readonly #spec: IdleWatchSpec

  constructor(spec: IdleWatchSpec) {
    this.#spec = spec
  }

  /** Looks once; answers whether a mark was written. */
  async check(nowMs: number): Promise<boolean> {
    const { log, policy, startedMs } = this.#spec
    const { idleTimeoutMs } = policy
    if (idleTimeoutMs === null || this.#spec.delayMs === null) return false
    const partitions: PartitionBounds[] = []
    for (let partition = 0; partition < log.spec.partitions; partition++) partitions.push(await log.bounds(partition))
    const isIdle = ({ lastArrivalMs }: PartitionBounds): boolean =>
      nowMs - (lastArrivalMs ?? startedMs) >= idleTimeoutMs
    const active = partitions.filter((partition) => !isIdle(partition))
    const reached =
      active.length > 0
        ? Math.min(...active.map(({ maxEventTime }) => maxEventTime))
        : this.#reachedByTheClock(partitions, nowMs)
    let marked = false
    for (const [partition, bounds] of partitions.entries())
      if (isIdle(bounds)) marked = (await log.markIdle(partition, reached)) || marked
    return marked
  }

  /** All partitions are idle: the greatest event time that any has reached, and with closeWhenIdle the time since the last arrival. */
  #reachedByTheClock(partitions: readonly PartitionBounds[], nowMs: number): number {
    const { policy, delayMs, longestWindowMs, startedMs } = this.#spec
    const greatest = Math.max(...partitions.map(({ maxEventTimeReceived }) => maxEventTimeReceived))
    if (!policy.closeWhenIdle) return greatest
    const silentMs = nowMs - Math.max(...partitions.map(({ lastArrivalMs }) => lastArrivalMs ?? startedMs))
    const allClosed = greatest + longestWindowMs + delayMs!
    return Math.max(greatest, Math.min(greatest + silentMs, nowMs, allClosed))
  }
}
