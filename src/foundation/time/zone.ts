import { MysimbdpError } from '../errors/mysimbdp-error.ts'

export const DAY_MS = 86_400_000

/**
 * Local time in one IANA zone. A *local* time is a wall-clock reading encoded as if it were UTC
 * (`Date.UTC(2024, 3, 13, 19, 48)` for 19:48 on the wall); a date is its days since 1970-01-01.
 */
export interface ZoneRules {
  readonly name: string
  /** Local time minus UTC at an instant, in ms. */
  offsetMsAt(utcMs: number): number
  /** The first instant with this wall-clock reading; `ambiguous` when it occurs twice; null when the clock skips it. */
  toUtc(localMs: number): { readonly utcMs: number; readonly ambiguous: boolean } | null
  /** The earliest instant at which the local clock shows this date or a later one (semantics 3.3). */
  firstInstantOfDate(date: number): number
}

/** A stretch of time with one offset: [fromMs, toMs). */
interface OffsetSpan {
  readonly fromMs: number
  readonly toMs: number
  readonly offsetMs: number
}

const PROBE_DAYS_MAX = 400
const cache = new Map<string, ZoneRules>()

/** @throws MSB_QUERY_INVALID when the zone is not known */
export function zoneRules(name: string): ZoneRules {
  let rules = cache.get(name)
  if (rules === undefined) cache.set(name, (rules = new CachedZoneRules(name)))
  return rules
}

class CachedZoneRules implements ZoneRules {
  readonly name: string
  readonly #probe: (utcMs: number) => number
  readonly #spans: OffsetSpan[] = []
  #last: OffsetSpan = { fromMs: 0, toMs: 0, offsetMs: 0 }

  constructor(name: string) {
    this.name = name
    this.#probe = offsetProbe(name)
  }

  offsetMsAt(utcMs: number): number {
    const last = this.#last
    if (utcMs >= last.fromMs && utcMs < last.toMs) return last.offsetMs
    return this.#spanAt(utcMs).offsetMs
  }

  toUtc(localMs: number): { utcMs: number; ambiguous: boolean } | null {
    // Whatever offsets are in force around this reading, the instant it names is reading - offset for one of them.
    const offsets = new Set([
      this.offsetMsAt(localMs - DAY_MS),
      this.offsetMsAt(localMs),
      this.offsetMsAt(localMs + DAY_MS),
    ])
    const instants = [...offsets]
      .map((offsetMs) => localMs - offsetMs)
      .filter((utcMs) => utcMs + this.offsetMsAt(utcMs) === localMs)
    if (instants.length === 0) return null
    return { utcMs: Math.min(...instants), ambiguous: instants.length > 1 }
  }

  firstInstantOfDate(date: number): number {
    const midnight = this.toUtc(date * DAY_MS)
    if (midnight !== null) return midnight.utcMs
    // The clock jumps over this midnight: the date begins at the jump, which is the start of a span.
    return this.#spanAt(date * DAY_MS - this.offsetMsAt(date * DAY_MS - DAY_MS)).fromMs
  }

  #spanAt(utcMs: number): OffsetSpan {
    let span = this.#spans.find(({ fromMs, toMs }) => utcMs >= fromMs && utcMs < toMs)
    if (span === undefined) {
      const offsetMs = this.#probe(utcMs)
      span = { fromMs: this.#edge(utcMs, offsetMs, -1), toMs: this.#edge(utcMs, offsetMs, 1), offsetMs }
      this.#spans.push(span)
    }
    return (this.#last = span)
  }

  /** Start (direction -1) or end (1) of the stretch around `utcMs` with this offset, searched at most PROBE_DAYS_MAX away. */
  #edge(utcMs: number, offsetMs: number, direction: 1 | -1): number {
    let inside = utcMs
    for (let days = 1; days <= PROBE_DAYS_MAX; days++) {
      const outside = utcMs + direction * days * DAY_MS
      if (this.#probe(outside) !== offsetMs) return this.#bisect(inside, outside, offsetMs, direction)
      inside = outside
    }
    return inside
  }

  #bisect(insideMs: number, outsideMs: number, offsetMs: number, direction: 1 | -1): number {
    let inside = insideMs
    let outside = outsideMs
    while (Math.abs(outside - inside) > 1) {
      const middle = Math.floor((inside + outside) / 2)
      if (this.#probe(middle) === offsetMs) inside = middle
      else outside = middle
    }
    return direction === 1 ? outside : inside
  }
}

/** Offsets by Intl, exact to the second (zones had odd seconds before they were standardised). */
function offsetProbe(name: string): (utcMs: number) => number {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new MysimbdpError(
      'MSB_QUERY_INVALID',
      `there is no time zone '${name}'; use an IANA name such as 'America/Chicago' or 'UTC'`,
      { cause },
    )
  }
  return (utcMs) => {
    const wholeSecondMs = Math.floor(utcMs / 1000) * 1000
    const parts: Record<string, string> = {}
    for (const { type, value } of format.formatToParts(wholeSecondMs)) parts[type] = value
    const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year)
    const local = new Date(0)
    local.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day))
    local.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second))
    return local.getTime() - wholeSecondMs
  }
}
