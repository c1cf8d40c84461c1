import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { durationText } from '#foundation/time/duration.ts'
import { delay } from '#foundation/time/timers.ts'

const FIRST_PAUSE_MS = 100
const PAUSE_MS_MAX = 2000

export interface PatienceOptions {
  readonly clock: Clock
  /** How long a receiver may be away, ms; Infinity for as long as it takes. */
  readonly limitMs: number
  readonly signal?: AbortSignal
  /** Called before each pause with what is wrong. */
  readonly onAway?: (error: MysimbdpError) => void
}

/** Repeats what fails for a reason that may pass, with growing pauses, until a limit. */
export class Patience {
  readonly #options: PatienceOptions

  constructor(options: PatienceOptions) {
    this.#options = options
  }

  /** @throws what `work` throws, when trying again cannot help, or did not help in time */
  async insist<T>(work: () => Promise<T>): Promise<T> {
    const { clock, limitMs, signal, onAway } = this.#options
    const startedMs = clock.monotonicMs()
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof MysimbdpError) || error.retry === 'never' || signal?.aborted === true) throw error
        const leftMs = startedMs + limitMs - clock.monotonicMs()
        if (leftMs <= 0) throw afterWaiting(error, limitMs)
        onAway?.(error)
        await delay(Math.min(pauseMs, leftMs), signal)
      }
    }
  }
}

function afterWaiting({ code, message, cause, hint, where }: MysimbdpError, limitMs: number): MysimbdpError {
  const waited = limitMs === 0 ? '' : `; it did not pass within ${durationText(limitMs)}`
  return new MysimbdpError(code, `${message}${waited}`, { cause, hint, where })
}
