const QUARTER_MS = 900_000
const HOUR_MS = 3_600_000
/** No zone is further than this from UTC. */
const OFFSET_MAX_MS = 15 * HOUR_MS

/** A quarter of an hour of a local day. */
export interface QuarterHour {
  readonly startMs: number
  /** Hour on the local clock, 0 to 23; the hour that is repeated in autumn appears twice, the one skipped in spring not at all. */
  readonly hour: number
  readonly quarter: number
}

/** The local clock of one zone. Offsets are looked up per quarter hour: all changes of the clock fall on those. */
export class LocalClock {
  readonly #format: Intl.DateTimeFormat
  readonly #offsets = new Map<number, number>()
  readonly #dates = new Map<number, string>()

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  }

  /** The local time at an instant, written as if it were UTC. */
  localMs(utcMs: number): number {
    const quarter = Math.floor(utcMs / QUARTER_MS)
    let offsetMs = this.#offsets.get(quarter)
    if (offsetMs === undefined) this.#offsets.set(quarter, (offsetMs = this.#lookUp(quarter * QUARTER_MS)))
    return utcMs + offsetMs
  }

  /** The quarter hours of a date: 96, or 92 or 100 where the clock changes. `date` is `YYYY-MM-DD`. */
  quarterHours(date: string): readonly QuarterHour[] {
    const midnightMs = Date.parse(`${date}T00:00:00Z`)
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(midnightMs))
      throw new RangeError(`'${date}' is no date; write it like 2024-04-13`)
    const quarters: QuarterHour[] = []
    for (
      let startMs = midnightMs - OFFSET_MAX_MS;
      startMs < midnightMs + 24 * HOUR_MS + OFFSET_MAX_MS;
      startMs += QUARTER_MS
    ) {
      const sinceMidnightMs = this.localMs(startMs) - midnightMs
      if (sinceMidnightMs < 0 || sinceMidnightMs >= 24 * HOUR_MS) continue
      quarters.push({
        startMs,
        hour: Math.floor(sinceMidnightMs / HOUR_MS),
        quarter: Math.floor((sinceMidnightMs % HOUR_MS) / QUARTER_MS),
      })
    }
    return quarters
  }

  /** The instant as the portal writes it, `04/13/2024 07:48:15 PM`. */
  portalText(utcMs: number): string {
    const localMs = this.localMs(utcMs)
    const day = Math.floor(localMs / (24 * HOUR_MS))
    let date = this.#dates.get(day)
    if (date === undefined) this.#dates.set(day, (date = portalDate(day)))
    const second = Math.floor((localMs - day * 24 * HOUR_MS) / 1000)
    const hour = Math.floor(second / 3600)
    return `${date} ${twoDigits[hour % 12 || 12]}:${twoDigits[Math.floor(second / 60) % 60]}:${twoDigits[second % 60]} ${hour < 12 ? 'AM' : 'PM'}`
  }

  #lookUp(utcMs: number): number {
    const name = this.#format.formatToParts(utcMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)/.exec(name) ?? []
    return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000)
  }
}

/** '00' to '99'. */
export const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))

function portalDate(day: number): string {
  const date = new Date(day * 24 * HOUR_MS)
  return `${twoDigits[date.getUTCMonth() + 1]}/${twoDigits[date.getUTCDate()]}/${date.getUTCFullYear()}`
}
