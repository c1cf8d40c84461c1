import { civilMs, DAY_MS, instantsShowing } from './local-time.ts'

/** The text forms of rule 1.4. */

export type TimeFault = 'invalid_time' | 'nonexistent_local_time'
export interface ReadTime {
  readonly ms: number
  readonly ambiguous: boolean
}

const TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Instants of the years 0001 to 9999. */
export const EARLIEST_MS = civilMs(1, 1, 1)
export const LATEST_MS = civilMs(10_000, 1, 1) - 1

export const isPossibleTime = (ms: number): boolean => ms >= EARLIEST_MS && ms <= LATEST_MS

function isPossibleDate(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  const date = new Date(civilMs(year, month, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** A timestamp text; `zone` is that of a time written without offset. */
export function readTime(text: string, zone: string): ReadTime | TimeFault {
  const match = TIME.exec(text)
  if (match === null) return 'invalid_time'
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? '0'))
  if (!isPossibleDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return 'invalid_time'
  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const reading = civilMs(year, month, day, hour, minute, second, ms)
  const offset = match[8]
  if (offset === undefined) return readLocal(reading, zone)
  const offsetMs = readOffset(offset)
  if (offsetMs === null) return 'invalid_time'
  return { ms: reading - offsetMs, ambiguous: false }
}

/** Rule 3.4. */
function readLocal(reading: number, zone: string): ReadTime | TimeFault {
  const instants = instantsShowing(reading, zone)
  if (instants.length === 0) return 'nonexistent_local_time'
  return { ms: instants[0], ambiguous: instants.length > 1 }
}

function readOffset(text: string): number | null {
  if (text === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(-2))
  if (hours > 23 || minutes > 59) return null
  return (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** Days since 1970-01-01, or null. */
export function readDate(text: string): number | null {
  const match = DATE.exec(text)
  if (match === null) return null
  const [year, month, day] = match.slice(1).map(Number)
  return isPossibleDate(year, month, day) ? civilMs(year, month, day) / DAY_MS : null
}

/** In lower case, or null. */
export function readUuid(text: string): string | null {
  const lower = text.toLowerCase()
  return UUID.test(lower) ? lower : null
}
