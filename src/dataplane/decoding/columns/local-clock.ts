import { DAY_MS, type ZoneRules } from '#foundation/time/zone.ts'

const PROBE_STEP_MS = DAY_MS / 2

/** Local times of one zone as instants, quick while neighbouring calls fall on the same local day. */
export class LocalClock {
  readonly #rules: ZoneRules
  #day = Number.NaN
  /** Offset all around the last day; NaN when the clock changes near it. */
  #offsetMs = Number.NaN
  /** Whether the last local time occurs twice. */
  ambiguous = false

  constructor(rules: ZoneRules) {
    this.#rules = rules
  }

  /** Epoch ms of a wall-clock reading; NaN when the clock skips it. */
  toUtcMs(days: number, timeOfDayMs: number): number {
    if (days !== this.#day) this.#turnTo(days)
    this.ambiguous = false
    const localMs = days * DAY_MS + timeOfDayMs
    if (!Number.isNaN(this.#offsetMs)) return localMs - this.#offsetMs
    const instant = this.#rules.toUtc(localMs)
    if (instant === null) return Number.NaN
    this.ambiguous = instant.ambiguous
    return instant.utcMs
  }

  #turnTo(days: number): void {
    this.#day = days
    this.#offsetMs = this.#rules.offsetMsAt((days - 1) * DAY_MS)
    for (let probeMs = (days - 1) * DAY_MS; probeMs <= (days + 2) * DAY_MS; probeMs += PROBE_STEP_MS) {
      if (this.#rules.offsetMsAt(probeMs) !== this.#offsetMs) this.#offsetMs = Number.NaN
    }
  }
}
