/**
 * Time zones by asking Intl for the wall clock at one instant after the other. A local time is encoded as if it were
 * UTC; a date is its days since 1970-01-01.
 */

export const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      era: 'short',
    })
    clocks.set(zone, clock)
  }
  return clock
}

/** A date and time as ms, also for the years before 100, which Date.UTC takes for 19xx. */
export function civilMs(year: number, month: number, day: number, hour = 0, minute = 0, second = 0, ms = 0): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, ms)
  return date.getTime()
}

/** What the wall clock shows at an instant. */
export function localMs(instantMs: number, zone: string): number {
  if (zone === 'UTC') return instantMs
  const parts: Record<string, string> = {}
  for (const part of clockOf(zone).formatToParts(Math.floor(instantMs / 1000) * 1000)) parts[part.type] = part.value
  const yearOfEra = Number(parts.year)
  const year = parts.era === 'BC' ? 1 - yearOfEra : yearOfEra
  const ms = instantMs - Math.floor(instantMs / 1000) * 1000
  return civilMs(
    year,
    Number(parts.month),
    Number(parts.day),
    Number(parts.hour),
    Number(parts.minute),
    Number(parts.second),
    ms,
  )
}

export const localDate = (instantMs: number, zone: string): number => Math.floor(localMs(instantMs, zone) / DAY_MS)

/**
 * All instants at which the wall clock shows this reading, earliest first: none where the clock jumps over it, two
 * where it goes back. An instant that shows it has one of the offsets that are in force within 26 hours.
 */
export function instantsShowing(readingMs: number, zone: string): readonly number[] {
  const offsets = new Set<number>()
  for (let probe = readingMs - 26 * HOUR_MS; probe <= readingMs + 26 * HOUR_MS; probe += 15 * MINUTE_MS) {
    offsets.add(localMs(probe, zone) - probe)
  }
  const candidates = [...offsets].map((offset) => readingMs - offset)
  return candidates.filter((instant) => localMs(instant, zone) === readingMs).sort((a, b) => a - b)
}

const firstInstants = new Map<string, number>()

/** Rule 3.3: the earliest instant at which the local clock shows this date or a later one, by the minute. */
export function firstInstantOf(date: number, zone: string): number {
  const key = `${zone} ${date}`
  const known = firstInstants.get(key)
  if (known !== undefined) return known
  let instant = date * DAY_MS - 26 * HOUR_MS
  if (localDate(instant, zone) >= date) throw new Error(`the search for ${date} in ${zone} began too late`)
  while (localDate(instant, zone) < date) instant += MINUTE_MS
  let before = instant - MINUTE_MS
  while (instant - before > 1) {
    const middle = Math.floor((before + instant) / 2)
    if (localDate(middle, zone) < date) before = middle
    else instant = middle
  }
  firstInstants.set(key, instant)
  return instant
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Rule 6.2. */
export function isoTime(instantMs: number, zone: string): string {
  const local = localMs(instantMs, zone)
  const reading = new Date(local).toISOString().slice(0, -1)
  if (zone === 'UTC') return `${reading}Z`
  const minutes = Math.round((local - instantMs) / MINUTE_MS)
  const size = Math.abs(minutes)
  return `${reading}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

export const isoDate = (date: number): string => new Date(date * DAY_MS).toISOString().slice(0, 10)
