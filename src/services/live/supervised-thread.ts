import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type Methods, Thread } from '#foundation/threads/thread.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { delay, within } from '#foundation/time/timers.ts'

export type ThreadState = 'starting' | 'running' | 'recovering' | 'failed' | 'stopped'

export interface SupervisedThreadSpec<E> {
  /** For messages: `the job of app 'taxi'`. */
  readonly name: string
  /** Entry file of the thread. */
  readonly entry: URL
  readonly clock: Clock
  /** The heap it may have; the usual one when absent. */
  readonly heapMegabytes?: number | undefined
  /** How long it may take to close what it has open, ms. */
  readonly closeMs?: number
  /** What the thread is given, asked at each start. */
  data(): unknown
  onEvent(event: E): void
  /** The state, or what is known of it, is another one. */
  onChange(): void
}

/** First pause before a failed thread is started again; it doubles up to the second. */
const BACKOFF_MS = 500
const BACKOFF_MAX_MS = 30_000
/** After so long without a failure the next one is a first one again. */
const STABLE_MS = 60_000
/** Longer than any step of a job; what does not answer by then hangs. */
const CLOSE_MS = 30_000

/**
 * A thread that is started again when its error says that this can help: the decision follows from the error's retry alone. Methods of the
 * thread must include `ready`, which answers when it can work.
 */
export class SupervisedThread<M extends Methods & { ready(argument: undefined): unknown }, E> {
  readonly #spec: SupervisedThreadSpec<E>
  #thread: Thread<M, E> | null = null
  #state: ThreadState = 'stopped'
  #error: MysimbdpError | null = null
  #lastError: MysimbdpError | null = null
  #failures = 0
  #restarts = 0
  #startedMs = 0
  #begun: Promise<void> = Promise.resolve()
  /** Raised by `stop`: ends the pause of a thread that is to be started again, and a start that still waits. */
  #stopping = new AbortController()
  /** Resolves when the thread that was stopped last is gone. */
  #gone: Promise<void> = Promise.resolve()

  constructor(spec: SupervisedThreadSpec<E>) {
    this.#spec = spec
  }

  get state(): ThreadState {
    return this.#state
  }

  /** The last failure; null once it runs again. */
  get error(): MysimbdpError | null {
    return this.#error
  }

  /** The last failure, also when it runs again. */
  get lastError(): MysimbdpError | null {
    return this.#lastError
  }

  /** How often it was started again since it was first started. */
  get restarts(): number {
    return this.#restarts
  }

  /** Resolves when the thread works, or when it has failed for the first time: `state` says which. */
  start(): Promise<void> {
    if (this.#state === 'stopped' || this.#state === 'failed') {
      this.#failures = 0
      this.#restarts = 0
      this.#stopping = new AbortController()
      this.#become('starting')
      this.#begun = this.#begin(this.#stopping.signal)
    }
    return this.#begun
  }

  /** Lets the thread close what it has open, and ends it, in any case. */
  async stop(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    this.#error = null
    this.#stopping.abort()
    this.#become('stopped')
    if (thread !== null) this.#gone = closed(thread, this.#spec.closeMs ?? CLOSE_MS)
    await this.#gone
  }

  /** @throws MSB_NOT_RUNNING when the thread is not there, and what the method throws */
  call<K extends keyof M & string>(method: K, argument: Parameters<M[K]>[0]): Promise<Awaited<ReturnType<M[K]>>> {
    if (this.#thread === null || this.#state !== 'running') throw this.#notRunning()
    return this.#thread.call(method, argument as never) as Promise<Awaited<ReturnType<M[K]>>>
  }

  #notRunning(): MysimbdpError {
    const why = this.#error === null ? `it is ${this.#state}` : this.#error.message
    return new MysimbdpError('MSB_NOT_RUNNING', `${this.#spec.name} does not run: ${why}`)
  }

  async #begin(stopping: AbortSignal): Promise<void> {
    // Two threads at the same files would each write what the other does not know.
    await this.#gone
    if (stopping.aborted) return
    this.#startedMs = this.#spec.clock.monotonicMs()
    const { entry, heapMegabytes } = this.#spec
    const handlers = {
      onEvent: (event: E) => this.#spec.onEvent(event),
      onEnd: (error: MysimbdpError | null) => {
        if (this.#thread === thread) void this.#onEnd(error)
      },
    }
    const thread: Thread<M, E> = new Thread<M, E>(entry, this.#spec.data(), handlers, heapMegabytes)
    this.#thread = thread
    try {
      await thread.call('ready', undefined as never)
      if (this.#thread !== thread) return
      this.#error = null
      this.#become('running')
    } catch {
      // The error that ended the thread comes to onEnd, which decides.
    }
  }

  async #onEnd(error: MysimbdpError | null): Promise<void> {
    this.#thread = null
    this.#error = error ?? new MysimbdpError('MSB_INTERNAL', `${this.#spec.name} ended by itself`)
    this.#lastError = this.#error
    if (this.#error.retry === 'never') {
      this.#become('failed')
      return
    }
    if (this.#spec.clock.monotonicMs() - this.#startedMs > STABLE_MS) this.#failures = 0
    const pauseMs = Math.min(BACKOFF_MS * 2 ** this.#failures++, BACKOFF_MAX_MS)
    this.#restarts++
    this.#become('recovering')
    const { signal } = this.#stopping
    await delay(pauseMs, signal)
    if (signal.aborted) return
    this.#become('starting')
    await this.#begin(signal)
  }

  #become(state: ThreadState): void {
    this.#state = state
    this.#spec.onChange()
  }
}

/** Lets the thread close what it has open, and ends it; also when closing fails, or hangs: its files survive a kill at any point. */
async function closed(
  thread: Thread<Methods & { close?(argument: undefined): unknown }, unknown>,
  closeMs: number,
): Promise<void> {
  await within(
    thread.call('close', undefined as never).catch(() => {}),
    closeMs,
  )
  await thread.terminate()
}
