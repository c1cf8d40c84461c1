import { isUtf8 } from 'node:buffer'
import { type AvroType, avroTypeName } from '#language/schemas/avro/avro-type.ts'
import { formatDecimal } from '#language/schemas/decimal.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { formatFloat } from '#language/schemas/value-text.ts'
import { type DecoderField, noValueFault } from '../decoder-field.ts'
import type { CarefulResult } from '../pending-records.ts'
import { tooLarge, wrongEncoding, wrongValue } from '../rejections.ts'
import { readNumber } from '../values/read-number.ts'
import { readText } from '../values/read-text.ts'
import { type Reading, refuse } from '../values/reading.ts'
import type { ByteCursor } from './byte-cursor.ts'
import { readDate, readInstant } from './read-time.ts'
import { fits, type RecordResolution } from './resolve-record.ts'
import { branchOf, skipValue } from './skip-value.ts'

/** A value as it is written: whole numbers as bigint, strings, bytes and fixed as bytes, enums as their symbol. */
type Datum = null | boolean | bigint | number | string | Uint8Array

interface WrittenValue {
  /** The branch, where the type is a union. */
  readonly type: AvroType
  readonly datum: Datum
}

/**
 * The second tier: slow, and obviously what semantics 1.10 says. Generated code must agree with it, and it alone words what
 * is wrong. Reads one record and leaves the cursor behind it; when the cursor has a fault, the result means nothing.
 */
export function readAvroCarefully(
  cursor: ByteCursor,
  { record, fieldOf, fault }: RecordResolution,
  fields: readonly DecoderField[],
  { timeZone, recordBytesMax }: { readonly timeZone: string; readonly recordBytesMax: number },
): CarefulResult {
  const start = cursor.position
  const written: (WrittenValue | undefined)[] = fields.map(() => undefined)
  for (const [place, { type }] of record.fields.entries()) {
    const index = fieldOf[place]!
    if (index < 0) skipValue(type, cursor)
    else written[index] = readWritten(type, cursor)
  }
  if (written.some(isBadText)) return { rejection: wrongEncoding() }
  const length = cursor.position - start
  if (length > recordBytesMax) return { rejection: tooLarge(length, recordBytesMax) }
  if (fault !== null) return { rejection: fault }
  const readings: (Reading | null)[] = []
  for (const [index, field] of fields.entries()) {
    const value = written[index]
    if (value === undefined || value.datum === null) {
      const rejection = noValueFault(field, value === undefined ? 'absent' : 'null')
      if (rejection !== null) return { rejection }
      readings.push(null)
      continue
    }
    const reading = readValue(value, field.type, timeZone)
    if (reading.fault !== null) return { rejection: wrongValue(reading.fault, field, shownText(value)) }
    readings.push(reading)
  }
  return { readings }
}

const isBadText = (value: WrittenValue | undefined): boolean =>
  value?.type.kind === 'string' && !isUtf8(value.datum as Uint8Array)

function readWritten(type: AvroType, cursor: ByteCursor): WrittenValue {
  const branch = type.kind === 'union' ? branchOf(type, cursor) : type
  return { type: branch, datum: readDatum(branch, cursor) }
}

function readDatum(type: AvroType, cursor: ByteCursor): Datum {
  switch (type.kind) {
    case 'null':
      return null
    case 'boolean': {
      const byte = cursor.byte()
      if (byte > 1) cursor.fail('damaged')
      return byte === 1
    }
    case 'int':
      return BigInt(cursor.int())
    case 'long':
      return cursor.long()
    case 'float':
      return cursor.float()
    case 'double':
      return cursor.double()
    case 'bytes':
    case 'string':
      return cursor.lengthAndBytes()
    case 'fixed':
      return cursor.bytes(type.size)
    case 'enum':
      return symbolOf(type.symbols, cursor)
    default:
      skipValue(type, cursor)
      return false
  }
}

function symbolOf(symbols: readonly string[], cursor: ByteCursor): string {
  const symbol = symbols[cursor.int()]
  if (symbol === undefined) cursor.fail('damaged')
  return symbol ?? ''
}

function readValue({ type, datum }: WrittenValue, target: FieldType, timeZone: string): Reading {
  if (!fits(type, target)) return refuse('wrong_type')
  if (typeof datum === 'boolean') return { value: datum, ambiguous: false, fault: null }
  if (type.kind === 'string' || type.kind === 'enum') return readText(textOf(datum), target, timeZone)
  const logical = 'logical' in type ? type.logical : null
  if (target.kind === 'uuid') return readText(uuidText(datum as Uint8Array), target, timeZone)
  if (target.kind === 'date') return readDate(Number(datum))
  if (target.kind === 'timestamp') {
    const form = logical?.kind === 'timestamp' ? logical : { unit: 'millis' as const, local: false }
    return readInstant(datum as bigint, form, timeZone)
  }
  // NaN and infinity are doubles, and no numbers of JSON.
  if (typeof datum === 'number' && !Number.isFinite(datum)) return refuse('out_of_range')
  if (target.kind === 'float' && type.kind === 'double') return finite(Math.fround(datum as number))
  return readNumber(numberText({ type, datum }, target), target)
}

const finite = (value: number): Reading =>
  Number.isFinite(value) ? { value, ambiguous: false, fault: null } : refuse('out_of_range')

const textOf = (datum: Datum): string =>
  typeof datum === 'string' ? datum : Buffer.from(datum as Uint8Array).toString()

/** The number as JSON would write it for a field of this type. */
function numberText({ type, datum }: WrittenValue, target: FieldType): string {
  if (datum instanceof Uint8Array) return decimalText(datum, type)
  if (typeof datum !== 'number') return String(datum)
  if (Object.is(datum, -0)) return '-0'
  if (target.kind !== 'decimal') return Number.isInteger(datum) ? String(BigInt(datum)) : String(datum)
  return type.kind === 'float' ? formatFloat(datum) : String(datum)
}

/** The unscaled value is in two's complement, most significant byte first. */
function decimalText(bytes: Uint8Array, type: AvroType): string {
  const scale = 'logical' in type && type.logical?.kind === 'decimal' ? type.logical.scale : 0
  const unsigned = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  return formatDecimal(BigInt.asIntN(8 * bytes.length, unsigned), scale)
}

function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** What a rejection shows of the value. */
function shownText({ type, datum }: WrittenValue): string {
  if (type.kind === 'string' || type.kind === 'enum') return textOf(datum)
  if ('logical' in type && type.logical?.kind === 'decimal') return decimalText(datum as Uint8Array, type)
  const isShown = typeof datum === 'bigint' || typeof datum === 'number' || type.kind === 'boolean'
  return isShown ? String(datum) : avroTypeName(type)
}
