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

/** Closes a connection on which nothing has moved for so long. */
export function closeWhenStalled(connection: Socket, ms: number): void {
  connection.setTimeout(ms, () => connection.destroy())
}
