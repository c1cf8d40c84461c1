import type { AppendRequest, AppendResult, StreamLog } from '#dataplane/brokers/broker.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { Wait } from '#foundation/time/timers.ts'

/** How far apart two syncs begin at least, so that one serves all that came meanwhile; 5 ms is what a sync takes. What comes after a longer pause waits for nobody. */
const SYNC_EVERY_MS = 5
/** With so much waiting, nothing is gained by waiting for more. */
const PENDING_RECORDS = 4096
const PENDING_BYTES = 4 * 1024 * 1024

interface Waiting {
  readonly request: AppendRequest
  resolve(result: AppendResult): void
  reject(error: unknown): void
}

/** Appends to one partition of a log what arrives within a moment, together. */
export class AppendQueue {
  readonly #log: StreamLog
  readonly #clock: Clock
  readonly #onAppended: (durationMs: number) => void
  readonly #onFailed: (records: number) => void
  #waiting: Waiting[] = []
  #records = 0
  #bytes = 0
  /** Of what is waiting now. */
  #linger: Wait | null = null
  #flushing: Promise<void> = Promise.resolve()
  /** When the last sync began, ms of the monotonic clock. */
  #flushedMs = Number.NEGATIVE_INFINITY

  /**
   * @param onAppended called after each sync that brought records, with how long it took
   * @param onFailed called with how many records could not be written, whoever sent them
   */
  constructor(
    log: StreamLog,
    clock: Clock,
    onAppended: (durationMs: number) => void,
    onFailed: (records: number) => void = () => {},
  ) {
    this.#log = log
    this.#clock = clock
    this.#onAppended = onAppended
    this.#onFailed = onFailed
  }

  /** Records that wait to be appended. */
  get waitingRecords(): number {
    return this.#records
  }

  /**
   * Answers when the records are in the log, synced.
   * @param bytes of the input, about
   * @throws what `StreamLog.append` throws
   */
  append(request: AppendRequest, bytes: number): Promise<AppendResult> {
    const appended = new Promise<AppendResult>((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject })
    })
    this.#records += request.decoded.received
    this.#bytes += bytes
    if (this.#waiting.length === 1) this.#flushing = this.#flushSoon((this.#linger = new Wait(this.#lingerMs)))
    if (this.#records >= PENDING_RECORDS || this.#bytes >= PENDING_BYTES) this.#linger?.end()
    return appended
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    this.#linger?.end()
    await this.#flushing
  }

  get #lingerMs(): number {
    return Math.max(0, this.#flushedMs + SYNC_EVERY_MS - this.#clock.monotonicMs())
  }

  async #flushSoon(linger: Wait): Promise<void> {
    await linger.over
    const group = this.#waiting
    this.#waiting = []
    this.#records = 0
    this.#bytes = 0
    this.#linger = null
    const begunMs = this.#clock.monotonicMs()
    this.#flushedMs = begunMs
    try {
      const outcomes = await this.#log.appendAll(group.map(({ request }) => request))
      for (const [i, outcome] of outcomes.entries())
        if ('error' in outcome) group[i]!.reject(outcome.error)
        else group[i]!.resolve(outcome.result)
      this.#onAppended(this.#clock.monotonicMs() - begunMs)
    } catch (error) {
      this.#onFailed(group.reduce((records, { request }) => records + request.decoded.received, 0))
      for (const { reject } of group) reject(error)
    }
  }
}
