import type { Clock } from '#foundation/time/clock.ts'
import { every } from '#foundation/time/timers.ts'
import type { Terminal } from '../terminal.ts'

/** Says every second that a platform is still at work, where nothing says how far it is. */
export async function whileWorking<T>(
  what: string,
  work: Promise<T>,
  { terminal, clock }: { readonly terminal: Terminal; readonly clock: Clock },
): Promise<T> {
  const startedMs = clock.monotonicMs()
  const stop = every(1000, () =>
    terminal.progress(`${what} … ${Math.round((clock.monotonicMs() - startedMs) / 1000)} s`),
  )
  try {
    return await work
  } finally {
    stop()
    terminal.progress('')
  }
}
