import { DAY_MS } from '#foundation/time/zone.ts'
import { fitPrecision, parseExact, pow10, rescale, toDouble } from '../schemas/decimal.ts'
import { type FieldType, INT_MAX, INT_MIN, isNumeric, LONG_MAX, LONG_MIN, type Value } from '../schemas/field-types.ts'
import { parseIsoDate, parseIsoTimestamp } from '../schemas/time-text.ts'
import { valueText } from '../schemas/value-text.ts'

/** Casts (semantics 4.6): a cast that fails gives null. */

/** Years 0001 to 9999 (semantics 1.4). */
const TIMESTAMP_MIN_MS = BigInt(Date.parse('0001-01-01T00:00:00Z'))
const TIMESTAMP_MAX_MS = BigInt(Date.parse('9999-12-31T23:59:59.999Z'))
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function castable(from: FieldType, to: FieldType): boolean {
  if (from.kind === to.kind || from.kind === 'string' || to.kind === 'string') return true
  if (isNumeric(from) && isNumeric(to)) return true
  if (from.kind === 'boolean' || to.kind === 'boolean') return isNumeric(from) || isNumeric(to)
  const pair = `${from.kind} ${to.kind}`
  return (
    pair === 'timestamp date' || pair === 'date timestamp' || pair === 'timestamp long' || pair === 'long timestamp'
  )
}

export function cast(value: Value, from: FieldType, to: FieldType): Value {
  if (value === null) return null
  if (from.kind === to.kind && to.kind !== 'decimal') return value
  if (to.kind === 'string') return valueText(value, from)
  if (from.kind === 'string') return fromText(trimSpaces(value as string), to)
  if (from.kind === 'boolean') return fromExact(value ? 1n : 0n, 0, to)
  if (from.kind === 'timestamp' || from.kind === 'date') return fromTime(value as number, to)
  if (to.kind === 'boolean') return from.kind === 'long' || from.kind === 'decimal' ? value !== 0n : value !== 0
  if (to.kind === 'timestamp') return within(value as bigint, TIMESTAMP_MIN_MS, TIMESTAMP_MAX_MS, Number)
  return fromNumber(value, from, to)
}

export function trimSpaces(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text[start] === ' ') start++
  while (end > start && text[end - 1] === ' ') end--
  return text.slice(start, end)
}

function fromText(text: string, to: FieldType): Value {
  switch (to.kind) {
    case 'boolean': {
      const lower = text.toLowerCase()
      return lower === 'true' ? true : lower === 'false' ? false : null
    }
    case 'uuid':
      return UUID.test(text) ? text.toLowerCase() : null
    case 'date':
      return parseIsoDate(text) ?? null
    case 'timestamp': {
      const time = parseIsoTimestamp(text, 'UTC')
      return time.kind === 'instant' ? time.epochMs : null
    }
    case 'string':
      return text
    default:
      return numberFromText(text, to)
  }
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

function numberFromText(text: string, to: FieldType): Value {
  if (!JSON_NUMBER.test(text)) return null
  if (to.kind === 'double' || to.kind === 'float') return binaryFloat(Number(text), to)
  const exact = parseExact(text)
  if (exact === null) return null
  if (to.kind !== 'decimal' && exact.scale > 0) return null
  return fromExact(exact.unscaled, exact.scale, to)
}

const binaryFloat = (value: number, to: FieldType): number | null => {
  const kept = to.kind === 'float' ? Math.fround(value) : value
  return Number.isFinite(kept) ? kept : null
}

function fromTime(value: number, to: FieldType): Value {
  if (to.kind === 'date') return Math.floor(value / DAY_MS)
  return to.kind === 'timestamp' ? value * DAY_MS : BigInt(value)
}

function fromNumber(value: Value, from: FieldType, to: FieldType): Value {
  if (from.kind === 'double' || from.kind === 'float') {
    if (to.kind === 'double' || to.kind === 'float') return binaryFloat(value as number, to)
    if (to.kind !== 'decimal') return fromExact(BigInt(Math.trunc(value as number)), 0, to)
    const exact = parseExact(valueText(value as number, from))
    return exact === null ? null : fromExact(exact.unscaled, exact.scale, to)
  }
  const scale = from.kind === 'decimal' ? from.scale : 0
  return fromExact(BigInt(value as number | bigint), scale, to)
}

/** An exact number in a numeric type: whole types cut towards zero, decimals round half away from zero; null when it does not fit. */
export function fromExact(unscaled: bigint, scale: number, to: FieldType): Value {
  switch (to.kind) {
    case 'decimal':
      return fitPrecision(rescale(unscaled, scale, to.scale), to.precision)
    case 'int':
      return within(unscaled / pow10(scale), BigInt(INT_MIN), BigInt(INT_MAX), Number)
    case 'long':
      return within(unscaled / pow10(scale), LONG_MIN, LONG_MAX, (whole) => whole)
    default:
      return binaryFloat(toDouble(unscaled, scale), to)
  }
}

const within = (value: bigint, least: bigint, most: bigint, keep: (value: bigint) => Value): Value =>
  value >= least && value <= most ? keep(value) : null
