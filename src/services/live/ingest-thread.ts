import type { StreamLog } from '#dataplane/brokers/broker.ts'
import type { StreamPosition } from '#dataplane/engines/engine.ts'
import type { SourceFormat } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { serveThread } from '#foundation/threads/thread.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { every } from '#foundation/time/timers.ts'
import { type SourceNode, streamsOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import { DeadLetterReplay, type ReplayReport, type ReplayRequest } from '../dead-letters/dead-letter-replay.ts'
import { openLogs } from '../runs/bounded-run.ts'
import type { Platform } from '../runs/platform.ts'
import type { AppFolder } from './app-folder.ts'
import { AppendQueue } from './append-queue.ts'
import { IdleWatch } from './idle-watch.ts'
import { IngestCounters, type IngestFigures } from './ingest-counters.ts'
import { type IngestStream, type ReceivedPiece, ReceivedRequests } from './received-requests.ts'
import type { InputStats } from './recent-input.ts'
import { longestWindowMs } from './window-spans.ts'

/** How often a log is looked at for what its retention lets go, also when nothing arrives. */
const RETENTION_CHECK_MS = 5000

/** How often idle streams are looked at: a mark is a synced write. */
const IDLE_CHECK_MS = 1000

export interface StreamStats extends InputStats {
  /** Offset the next record will get: so many records the log has ever received. */
  readonly logEnd: number
}

/** A stream's log has grown. */
export interface AppendedEvent {
  readonly stream: string
}

export type IngestMethods = IngestThread['methods'] & { close(argument: undefined): Promise<void> }

/**
 * The one thread that writes the logs of an app: decodes what requests bring, appends it synced, and says so.
 */
export class IngestThread {
  readonly #app: App
  readonly #folder: string
  readonly #platform: Platform
  readonly #clock: Clock
  readonly #streams: ReadonlyMap<string, IngestStream>
  readonly #requests: ReceivedRequests
  /** Up to where the job needs the logs; null while it has not said so. */
  #needed: readonly StreamPosition[] | null = null
  #appended: (event: AppendedEvent) => void = () => {}

  private constructor(
    app: App,
    folder: string,
    platform: Platform,
    clock: Clock,
    logs: ReadonlyMap<string, StreamLog>,
  ) {
    this.#app = app
    this.#folder = folder
    this.#platform = platform
    this.#clock = clock
    this.#streams = new Map(
      [...streamsOf(app.plan)].map(([stream, source]) => [stream, this.#newStream(source, logs.get(stream)!)]),
    )
    const createDecoder = (stream: string, format: SourceFormat) => platform.createDecoder(app, stream, format)
    this.#requests = new ReceivedRequests(this.#streams, createDecoder, clock)
  }

  #newStream(source: SourceNode, log: StreamLog): IngestStream {
    const counters = new IngestCounters(this.#clock)
    const onAppended = (durationMs: number): void => {
      counters.addSync(durationMs)
      this.#appended({ stream: source.stream })
    }
    const onFailed = (records: number): void => counters.addFailed(records)
    const queue = new AppendQueue(log, this.#clock, onAppended, onFailed)
    return { source, log, queue, counters }
  }

  static async start(
    folder: AppFolder,
    platform: Platform,
    clock: Clock,
    limits: { readonly logBytesMax: number | null },
  ): Promise<void> {
    const { app } = folder.read()
    const broker = platform.openBroker(folder.path, limits)
    const logs = await openLogs(app.plan, broker, (stream) => app.streams[stream]?.retention)
    const thread = new IngestThread(app, folder.path, platform, clock, logs)
    const stopChecking = every(RETENTION_CHECK_MS, () => void thread.#applyRetention())
    const stopWatching = thread.#watchIdle()
    const close = async (): Promise<void> => {
      stopChecking()
      stopWatching()
      for (const { queue } of thread.#streams.values()) await queue.drain()
      await broker.close()
    }
    thread.#appended = serveThread<AppendedEvent>({ ...thread.methods, close })
  }

  /** Marks streams that have fallen silent, where they ask for it; answers how to stop. */
  #watchIdle(): () => void {
    const watches = [...this.#streams].flatMap(([stream, { source, log }]) => {
      const policy = this.#app.streams[stream]!.idle
      if (policy.idleTimeoutMs === null) return []
      const watch = new IdleWatch({
        log,
        policy,
        delayMs: source.watermarkDelayMs,
        longestWindowMs: longestWindowMs(this.#app.plan, stream),
        startedMs: this.#clock.nowMs(),
      })
      return [{ stream, watch }]
    })
    const check = async (): Promise<void> => {
      try {
        for (const { stream, watch } of watches) if (await watch.check(this.#clock.nowMs())) this.#appended({ stream })
      } catch (error) {
        // A full disk, say: whoever sends records is told, and the next check tries again.
        if (!(error instanceof MysimbdpError && error.retry === 'backoff')) throw error
      }
    }
    return watches.length === 0 ? () => {} : every(IDLE_CHECK_MS, () => void check())
  }

  get methods() {
    return {
      ready: (_: undefined) => {},
      openProducer: async ({ stream, producerId }: { stream: string; producerId: string }) => {
        const { epoch, nextSequences } = await this.#streams.get(stream)!.log.openProducer(producerId)
        return { epoch, nextSequence: nextSequences[0]! }
      },
      knownProducer: async ({ stream, producerId }: { stream: string; producerId: string }) => {
        const known = await this.#streams.get(stream)!.log.knownProducer(producerId)
        return known === undefined ? null : { epoch: known.epoch, nextSequence: known.nextSequences[0]! }
      },
      write: (piece: ReceivedPiece) => this.#requests.write(piece),
      end: (piece: ReceivedPiece) => this.#requests.end(piece),
      abort: (request: string) => this.#requests.abort(request),
      figures: async (_: undefined): Promise<ReadonlyMap<string, IngestFigures>> => {
        const figures = new Map<string, IngestFigures>()
        for (const [stream, { counters, log }] of this.#streams) figures.set(stream, await counters.figures(log))
        return figures
      },
      inputStats: async (_: undefined): Promise<ReadonlyMap<string, StreamStats>> => {
        const stats = new Map<string, StreamStats>()
        for (const [stream, { counters, log }] of this.#streams)
          stats.set(stream, { ...counters.recent.stats, logEnd: (await log.bounds(0)).end })
        return stats
      },
      needLogs: (positions: readonly StreamPosition[] | null) => {
        this.#needed = positions
        return this.#applyRetention()
      },
      replayDeadLetters: ({ stream, request }: { stream: string; request: ReplayRequest }) =>
        this.#replayDeadLetters(stream, request),
    }
  }

  #replayDeadLetters(stream: string, request: ReplayRequest): Promise<ReplayReport> {
    return DeadLetterReplay.run(
      {
        app: this.#app,
        stream,
        log: this.#streams.get(stream)!.log,
        platform: this.#platform,
        clock: this.#clock,
        folder: this.#folder,
        appended: () => this.#appended({ stream }),
      },
      request,
    )
  }

  /** An error ends the thread: what cannot be deleted is a broken disk. */
  async #applyRetention(): Promise<void> {
    for (const [stream, { log }] of this.#streams) {
      const needed = this.#needed?.filter((position) => position.stream === stream) ?? []
      await log.applyRetention(this.#clock.nowMs(), new Map(needed.map(({ partition, offset }) => [partition, offset])))
    }
  }
}
