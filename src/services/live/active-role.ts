import type { Candidacy } from '#dataplane/brokers/candidacy.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { delay } from '#foundation/time/timers.ts'
import type { Platform } from '../runs/platform.ts'

export interface ActiveRoleSpec {
  readonly app: string
  /** Absent where there is one instance only, which is always active. */
  readonly standFor: Platform['standFor']
  /** This instance has become the active one, or no longer is. */
  onChange(): void
}

/** First pause before it is tried again to stand for an app; it doubles up to the second. */
const BACKOFF_MS = 500
const BACKOFF_MAX_MS = 10_000

/** Whether this instance of the platform runs an app, or stands by while another one does. */
export class ActiveRole {
  readonly #spec: ActiveRoleSpec
  #candidacy: Candidacy | null = null
  #error: MysimbdpError | null = null
  #closing = new AbortController()
  #trying: Promise<void> = Promise.resolve()

  constructor(spec: ActiveRoleSpec) {
    this.#spec = spec
  }

  get isActive(): boolean {
    return this.#spec.standFor === undefined || this.#candidacy?.isActive === true
  }

  /** Why it cannot even stand by; null when it can. */
  get error(): MysimbdpError | null {
    return this.#error
  }

  /** Resolves when it is decided, or when the first attempt has failed; it is tried again by itself. */
  async start(): Promise<void> {
    this.#closing = new AbortController()
    await this.#stand()
    if (this.#error !== null) this.#trying = this.#tryAgain(this.#closing.signal)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#trying
    await this.#candidacy?.close()
    this.#candidacy = null
  }

  async #stand(): Promise<void> {
    const { standFor, app, onChange } = this.#spec
    if (standFor === undefined) return
    try {
      this.#candidacy = await standFor(app, () => onChange())
      this.#error = null
    } catch (error) {
      // Nobody waits for a later attempt: what goes wrong there is to be seen, not to end the process.
      this.#error =
        error instanceof MysimbdpError ? error : new MysimbdpError('MSB_INTERNAL', String(error), { cause: error })
    }
  }

  async #tryAgain(signal: AbortSignal): Promise<void> {
    for (let pauseMs = BACKOFF_MS; this.#error?.retry === 'backoff'; pauseMs = Math.min(2 * pauseMs, BACKOFF_MAX_MS)) {
      await delay(pauseMs, signal)
      if (signal.aborted) return
      await this.#stand()
    }
    if (this.isActive) this.#spec.onChange()
  }
}
