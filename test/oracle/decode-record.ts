import type { SourceNode } from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { fitDigits, fitWhole, isWholeNumber, parseNumber, power, truncate } from './exact-number.ts'
import { nearestFloat } from './nearest-float.ts'
import { isPossibleTime, readDate, readTime, readUuid } from './read-text.ts'
import type { OracleValue, Row, Typed } from './typed-value.ts'

export interface Refusal {
  readonly code: string
  readonly field: string | null
}

export type Decoded =
  | { readonly accepted: true; readonly row: Row; readonly ambiguous: boolean }
  | { readonly accepted: false; readonly refusal: Refusal }

const RECORD_BYTES_MAX = 1024 * 1024

/** A number of the input as it was written. */
class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

class Refused extends Error {
  readonly refusal: Refusal
  constructor(code: string, field: string | null = null) {
    super(code)
    this.refusal = { code, field }
  }
}

/** Rules 1.2 to 1.5 and 1.7 for one JSON record; the future is the caller's. */
export function decodeRecord(bytes: Uint8Array, source: SourceNode): Decoded {
  try {
    const object = parseObject(readUtf8(bytes), bytes.length)
    checkNames(object, source)
    return readFields(object, source)
  } catch (error) {
    if (error instanceof Refused) return { accepted: false, refusal: error.refusal }
    throw error
  }
}

function readUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Refused('wrong_encoding')
  }
}

/** `JSON.parse` as Node 24 has it: a reviver sees the source text of each primitive value. */
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown

function parseObject(text: string, byteLength: number): ReadonlyMap<string, unknown> {
  let parsed: unknown
  let wellFormed = true
  try {
    parsed = parseWithSource(text, (_name, value, { source }) =>
      typeof value === 'number' ? new NumberText(source ?? '') : value,
    )
  } catch {
    wellFormed = false
  }
  if (hasUnpairedSurrogate(text)) throw new Refused('wrong_encoding')
  if (byteLength > RECORD_BYTES_MAX) throw new Refused('too_large')
  if (!wellFormed) throw new Refused('malformed')
  const isObject =
    typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) && !(parsed instanceof NumberText)
  if (!isObject) throw new Refused('not_an_object')
  return new Map(Object.entries(parsed as object))
}

const ESCAPE = /\\(?:u([0-9a-f]{4})|[\s\S])/gi

/** Escapes are read from left to right, anywhere in the record: names, unknown fields, malformed records. */
const hasUnpairedSurrogate = (json: string): boolean =>
  !json
    .replace(ESCAPE, (_escape, hex?: string) =>
      hex === undefined ? '?' : String.fromCharCode(Number.parseInt(hex, 16)),
    )
    .isWellFormed()

/** Rule 1.5: a known field is missing and an unknown one is there. */
function checkNames(object: ReadonlyMap<string, unknown>, source: SourceNode): void {
  const known = new Set(source.schema.fields.map((field) => field.name))
  const missing = source.schema.fields.find((field) => !object.has(field.name))
  const unknown = [...object.keys()].some((name) => !known.has(name))
  if (missing !== undefined && unknown) throw new Refused('renamed_field', missing.name)
}

function readFields(object: ReadonlyMap<string, unknown>, source: SourceNode): Decoded {
  const row: Record<string, Typed> = {}
  let ambiguous = false
  for (const field of source.schema.fields) {
    const raw = object.get(field.name) ?? null
    if (raw === null) {
      const mayBeNull = field.nullable && field.name !== source.eventTime
      if (!mayBeNull) throw new Refused(object.has(field.name) ? 'null_not_allowed' : 'missing_field', field.name)
      row[field.name] = { type: field.type, value: null }
      continue
    }
    const read = readValue(raw, field.type, field.name, source.timeZone)
    ambiguous ||= read.ambiguous
    row[field.name] = { type: field.type, value: read.value }
  }
  return { accepted: true, row, ambiguous }
}

interface ReadValue {
  readonly value: OracleValue
  readonly ambiguous: boolean
}

const certain = (value: OracleValue): ReadValue => ({ value, ambiguous: false })

/** Rule 1.4, row by row of its table. */
function readValue(raw: unknown, type: FieldType, field: string, zone: string): ReadValue {
  switch (type.kind) {
    case 'string':
      if (typeof raw !== 'string') throw new Refused('wrong_type', field)
      return certain(raw)
    case 'boolean':
      if (typeof raw !== 'boolean') throw new Refused('wrong_type', field)
      return certain(raw)
    case 'uuid': {
      const uuid = typeof raw === 'string' ? readUuid(raw) : null
      if (uuid === null) throw new Refused('wrong_type', field)
      return certain(uuid)
    }
    case 'date': {
      if (typeof raw !== 'string') throw new Refused('wrong_type', field)
      const date = readDate(raw)
      if (date === null) throw new Refused('invalid_time', field)
      return certain(date)
    }
    case 'timestamp':
      return readTimestamp(raw, field, zone)
    default:
      if (!(raw instanceof NumberText)) throw new Refused('wrong_type', field)
      return certain(readNumber(raw.text, type, field))
  }
}

function readNumber(text: string, type: FieldType, field: string): OracleValue {
  const exact = parseNumber(text)
  if (type.kind === 'decimal') {
    const scaled = { numerator: exact.numerator * power(type.scale), denominator: exact.denominator }
    if (!isWholeNumber(scaled)) throw new Refused('too_many_decimals', field)
    const unscaled = fitDigits(truncate(scaled), type.precision)
    if (unscaled === null) throw new Refused('out_of_range', field)
    return unscaled
  }
  if (type.kind === 'float' || type.kind === 'double') {
    const value = type.kind === 'float' ? nearestFloat(text) : Number(text)
    if (!Number.isFinite(value)) throw new Refused('out_of_range', field)
    return value
  }
  if (!isWholeNumber(exact)) throw new Refused('wrong_type', field)
  const whole = fitWhole(truncate(exact), type)
  if (whole === null) throw new Refused('out_of_range', field)
  return whole
}

function readTimestamp(raw: unknown, field: string, zone: string): ReadValue {
  if (raw instanceof NumberText) {
    const exact = parseNumber(raw.text)
    if (!isWholeNumber(exact)) throw new Refused('wrong_type', field)
    const ms = Number(truncate(exact))
    if (!isPossibleTime(ms)) throw new Refused('invalid_time', field)
    return certain(ms)
  }
  if (typeof raw !== 'string') throw new Refused('wrong_type', field)
  const time = readTime(raw, zone)
  if (typeof time === 'string') throw new Refused(time, field)
  return { value: time.ms, ambiguous: time.ambiguous }
}
