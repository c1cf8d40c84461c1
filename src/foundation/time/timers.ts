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
  const stop = new AbortController()
  try {
    return await Promise.race([work, delay(ms, stop.signal).then((): typeof TIMED_OUT => TIMED_OUT)])
  } finally {
    stop.abort()
  }
}

/** Closes a connection on which nothing has moved for so long. */
export function closeWhenStalled(connection: Socket, ms: number): void {
  connection.setTimeout(ms, () => connection.destroy())
}
