import type { Candidacy } from '#dataplane/brokers/candidacy.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import { delay } from '#foundation/time/timers.ts'
import type { Platform } from '../runs/platform.ts'

export interface ActiveRoleSpec {
  readonly app: string
  /** Absent where there is one instance only, which is always active. */
  readonly standFor: Platform['standFor']
  /** Finds out what the instance before was told to run; called before this one is active. May throw. */
  catchUp(): Promise<void>
  /** This instance has become the active one, or no longer is. */
  onChange(): void
}

/** First pause before it is tried again to stand for an app, or to catch up; it doubles up to the second. */
const BACKOFF_MS = 500
const BACKOFF_MAX_MS = 10_000

/** Whether this instance of the platform runs an app, or stands by while another one does. */
export class ActiveRole {
  readonly #spec: ActiveRoleSpec
  readonly #steps = new OneAtATime()
  #candidacy: Candidacy | null = null
  /** Since it was last decided who is active. */
  #isCaughtUp = false
  #error: MysimbdpError | null = null
  #closing = new AbortController()
  #trying: Promise<unknown> = Promise.resolve()

  constructor(spec: ActiveRoleSpec) {
    this.#spec = spec
  }

  get isActive(): boolean {
    return this.#spec.standFor === undefined || (this.#isCaughtUp && this.#candidacy?.isActive === true)
  }

  /** Why it cannot even stand by; null when it can. */
  get error(): MysimbdpError | null {
    return this.#error
  }

  /** @throws MSB_STANDBY where another instance runs the app */
  requireActive(): void {
    if (this.isActive) return
    throw new MysimbdpError(
      'MSB_STANDBY',
      `app '${this.#spec.app}' is run by another instance of the platform, and this one stands by`,
    )
  }

  /** Resolves when it is decided, or when the first attempt has failed; it is tried again by itself. */
  async start(): Promise<void> {
    this.#closing = new AbortController()
    if (this.#spec.standFor === undefined) return
    await this.#steps.run(() => this.#settle())
    if (this.#error?.retry === 'backoff') this.#try(BACKOFF_MS)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#trying
    await this.#candidacy?.close()
    this.#candidacy = null
  }

  /** Also said when nothing changed: in between another instance may have had the app. */
  #decided(): void {
    this.#isCaughtUp = false
    if (this.#candidacy?.isActive === false) this.#spec.onChange()
    else this.#try(0)
  }

  #try(pauseMs: number): void {
    this.#trying = Promise.all([this.#trying, this.#settleDown(pauseMs, this.#closing.signal)])
  }

  async #settleDown(firstPauseMs: number, signal: AbortSignal): Promise<void> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(Math.max(2 * pauseMs, BACKOFF_MS), BACKOFF_MAX_MS)) {
      await delay(pauseMs, signal)
      if (signal.aborted) return
      await this.#steps.run(() => this.#settle())
      this.#spec.onChange()
      if (this.#error?.retry !== 'backoff') return
    }
  }

  async #settle(): Promise<void> {
    const { standFor, app, catchUp } = this.#spec
    try {
      this.#candidacy ??= await standFor!(app, () => this.#decided())
      if (this.#candidacy.isActive && !this.#isCaughtUp) await catchUp()
      this.#isCaughtUp = this.#candidacy.isActive
      this.#error = null
    } catch (error) {
      // Nobody waits for a later attempt: what goes wrong there is to be seen, not to end the process.
      this.#error =
        error instanceof MysimbdpError ? error : new MysimbdpError('MSB_INTERNAL', String(error), { cause: error })
    }
  }
}
