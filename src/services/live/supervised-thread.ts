import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type Methods, Thread } from '#foundation/threads/thread.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { delay } from '#foundation/time/timers.ts'

export type ThreadState = 'starting' | 'running' | 'recovering' | 'failed' | 'stopped'

export interface SupervisedThreadSpec<E> {
  /** For messages: `the job of app 'taxi'`. */
  readonly name: string
  /** Entry file of the thread. */
  readonly entry: URL
  readonly clock: Clock
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
  /** Ends the pause of a thread that is to be started again. */
  #pause = new AbortController()

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
      this.#pause = new AbortController()
      this.#begun = this.#begin()
    }
    return this.#begun
  }

  /** Lets the thread close what it has open, and ends it. */
  async stop(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    this.#error = null
    this.#become('stopped')
    this.#pause.abort()
    if (thread === null) return
    await thread.call('close', undefined as never).catch(() => {})
    await thread.terminate()
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

  async #begin(): Promise<void> {
    this.#become('starting')
    this.#startedMs = this.#spec.clock.monotonicMs()
    const thread = new Thread<M, E>(this.#spec.entry, this.#spec.data(), {
      onEvent: (event) => this.#spec.onEvent(event),
      onEnd: (error) => {
        if (this.#thread === thread) void this.#onEnd(error)
      },
    })
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
    const { signal } = this.#pause
    await delay(pauseMs, signal)
    if (!signal.aborted) await this.#begin()
  }

  #become(state: ThreadState): void {
    this.#state = state
    this.#spec.onChange()
  }
}
