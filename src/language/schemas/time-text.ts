import { DAY_MS, zoneRules } from '#foundation/time/zone.ts'

/** Texts of times and dates, read by the rules of semantics 1.4. */

export type ParsedTime =
  | { readonly kind: 'instant'; readonly epochMs: number; readonly ambiguous: boolean }
  /** Not one of the known forms, or an impossible date or time. */
  | { readonly kind: 'invalid' }
  /** A local time that the zone's clock skips. */
  | { readonly kind: 'nonexistent' }

const INVALID: ParsedTime = { kind: 'invalid' }
const ISO_TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/
const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const PORTAL_TIMESTAMP = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d):(\d\d):(\d\d) ([AP]M)$/

/** ISO 8601 with date and time; without an offset it is local time of `timeZone`. */
export function parseIsoTimestamp(text: string, timeZone: string): ParsedTime {
  const [, year, month, day, hour, minute, second = '0', fraction = '', offset] = ISO_TIMESTAMP.exec(text) ?? []
  if (year === undefined) return INVALID
  const localMs = wallClock(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.slice(0, 3).padEnd(3, '0')),
  )
  if (localMs === undefined) return INVALID
  if (offset === undefined) return atLocalTime(localMs, timeZone)
  const offsetMs = offsetOf(offset)
  return offsetMs === undefined ? INVALID : { kind: 'instant', epochMs: localMs - offsetMs, ambiguous: false }
}

/** `04/13/2024 07:48:15 PM`, local time of `timeZone`. */
export function parsePortalTimestamp(text: string, timeZone: string): ParsedTime {
  const [, month, day, year, hour12, minute, second, half] = PORTAL_TIMESTAMP.exec(text) ?? []
  if (year === undefined) return INVALID
  const hour = Number(hour12)
  if (hour < 1 || hour > 12) return INVALID
  const localMs = wallClock(
    Number(year),
    Number(month),
    Number(day),
    (hour % 12) + (half === 'PM' ? 12 : 0),
    Number(minute),
    Number(second),
    0,
  )
  return localMs === undefined ? INVALID : atLocalTime(localMs, timeZone)
}

/** `YYYY-MM-DD` as days since 1970-01-01; undefined when it is no such date. */
export function parseIsoDate(text: string): number | undefined {
  const [, year, month, day] = ISO_DATE.exec(text) ?? []
  const midnight = year === undefined ? undefined : wallClock(Number(year), Number(month), Number(day), 0, 0, 0, 0)
  return midnight === undefined ? undefined : midnight / DAY_MS
}

function atLocalTime(localMs: number, timeZone: string): ParsedTime {
  const instant = zoneRules(timeZone).toUtc(localMs)
  return instant === null
    ? { kind: 'nonexistent' }
    : { kind: 'instant', epochMs: instant.utcMs, ambiguous: instant.ambiguous }
}

/** A wall-clock reading encoded as if it were UTC; undefined when it is not a possible one. */
function wallClock(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
): number | undefined {
  if (year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  const reading = new Date(0)
  reading.setUTCFullYear(year, month - 1, day)
  if (reading.getUTCDate() !== day) return undefined
  return reading.setUTCHours(hour, minute, second, ms)
}

function offsetOf(text: string): number | undefined {
  if (text === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(-2))
  if (hours > 23 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
