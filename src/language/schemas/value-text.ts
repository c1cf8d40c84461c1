import { DAY_MS, zoneRules } from '#foundation/time/zone.ts'
import { formatDecimal } from './decimal.ts'
import type { FieldType, Value } from './field-types.ts'

/** The texts of values: in rows (semantics 6.2, 6.3), in result keys (6.4) and in casts to string (4.6). */

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')

export const formatDate = (days: number): string => new Date(days * DAY_MS).toISOString().slice(0, 10)

/** `2024-04-13T19:48:15.000-05:00`; `Z` in the zone UTC. */
export function formatTimestamp(epochMs: number, timeZone: string): string {
  if (timeZone === 'UTC') return new Date(epochMs).toISOString()
  const offsetMs = zoneRules(timeZone).offsetMsAt(epochMs)
  const minutes = Math.round(Math.abs(offsetMs) / 60_000)
  const offset = `${offsetMs < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}`
  return new Date(epochMs + offsetMs).toISOString().slice(0, -1) + offset
}

/** Shortest text that reads back as the same 32-bit float. */
export function formatFloat(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return String(Number(text))
  }
  return String(Number(value.toPrecision(9)))
}

/** A number, date, boolean or text as plain text; timestamps in UTC. */
export function valueText(value: Exclude<Value, null>, type: FieldType): string {
  switch (type.kind) {
    case 'decimal':
      return formatDecimal(value as bigint, type.scale)
    case 'float':
      return formatFloat(value as number)
    case 'date':
      return formatDate(value as number)
    case 'timestamp':
      return formatTimestamp(value as number, 'UTC')
    default:
      return Object.is(value, -0) ? '0' : String(value)
  }
}

/** A value as JSON text: numbers as numbers with all digits of their scale, times in `timeZone`. */
export function valueJson(value: Value, type: FieldType, timeZone: string): string {
  if (value === null) return 'null'
  switch (type.kind) {
    case 'string':
    case 'uuid':
      return JSON.stringify(value)
    case 'timestamp':
      return `"${formatTimestamp(value as number, timeZone)}"`
    case 'date':
      return `"${formatDate(value as number)}"`
    default:
      return valueText(value, type)
  }
}

const ESCAPED = /[%|~]/g

/** One part of a result key. */
export function keyPart(value: Value, type: FieldType): string {
  if (value === null) return '~'
  if (type.kind === 'timestamp') return String(value)
  return valueText(value, type).replace(ESCAPED, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
