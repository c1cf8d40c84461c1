import type { PartitionBounds, StreamLog } from '#dataplane/brokers/broker.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { every } from '#foundation/time/timers.ts'
import type { App } from '#language/query/app.ts'
import type { IdlePolicy } from '#language/query/stream.ts'
import { streamsOf } from '../runs/bounded-run.ts'
import { longestWindowMs } from './window-spans.ts'

/** How often idle streams are looked at: a mark is a synced write. */
const IDLE_CHECK_MS = 1000

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

/** Marks the streams of an app that have fallen silent, where they ask for it; answers how to stop. `onMarked`: a stream's log has a new mark. */
export function watchIdleStreams({
  app,
  logs,
  clock,
  onMarked,
}: {
  readonly app: App
  readonly logs: ReadonlyMap<string, StreamLog>
  readonly clock: Clock
  onMarked(stream: string): void
}): () => void {
  const watches = [...streamsOf(app.plan)].flatMap(([stream, { watermarkDelayMs }]) => {
    const policy = app.streams[stream]!.idle
    if (policy.idleTimeoutMs === null) return []
    const watch = new IdleWatch({
      log: logs.get(stream)!,
      policy,
      delayMs: watermarkDelayMs,
      longestWindowMs: longestWindowMs(app.plan, stream),
      startedMs: clock.nowMs(),
    })
    return [{ stream, watch }]
  })
  const check = async (): Promise<void> => {
    try {
      for (const { stream, watch } of watches) if (await watch.check(clock.nowMs())) onMarked(stream)
    } catch (error) {
      // A full disk, say: whoever sends records is told, and the next check tries again.
      if (!(error instanceof MysimbdpError && error.retry === 'backoff')) throw error
    }
  }
  return watches.length === 0 ? () => {} : every(IDLE_CHECK_MS, () => void check())
}
