import type { Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'

/** Resolves after `ms`, or at once when the signal is raised. */
export async function delay(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? undefined : { signal })
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

/** Some time that may be cut short. */
export class Wait {
  readonly over: Promise<void>
  readonly #timer: NodeJS.Timeout
  #resolve!: () => void

  constructor(ms: number) {
    this.over = new Promise((resolve) => (this.#resolve = resolve))
    this.#timer = globalThis.setTimeout(this.#resolve, ms)
  }

  /** Now, if it is not over. */
  end(): void {
    clearTimeout(this.#timer)
    this.#resolve()
  }
}

/** Lets what came in meanwhile, such as a signal, be handled before going on. */
export const eventsHandled = (): Promise<void> => setImmediate()

/** Calls `work` every `ms` until the answer is called. Keeps no process alive. */
export function every(ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms).unref()
  return () => clearInterval(timer)
}

export const TIMED_OUT = Symbol('timed out')

/** The answer of `work`, or TIMED_OUT when it takes longer than `ms`; the work itself goes on. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | typeof TIMED_OUT> {
  // Not with a signal: each one that is raised makes an error with a stack, and this happens for every piece of a request.
  const wait = new Wait(ms)
  try {
    return await Promise.race([work, wait.over.then((): typeof TIMED_OUT => TIMED_OUT)])
  } finally {
    wait.end()
  }
}

/** Closes a connection on which nothing has moved for so long. */
export function closeWhenStalled(connection: Socket, ms: number): void {
  connection.setTimeout(ms, () => connection.destroy())
}
