import { type AvroType, avroTypeName, type TimestampUnit } from '#language/schemas/avro/avro-type.ts'
import { type FieldType, INT_MAX, INT_MIN } from '#language/schemas/field-types.ts'
import { UNITS_PER_MS } from '../../../../decoding/avro/read-time.ts'
import { fits } from '../../../../decoding/avro/resolve-record.ts'
import { isoDate, TIMES_MS, UUID } from '../casts.ts'
import { inZone, timeOfText, timeTextFault } from '../times.ts'
import { bind, code, quoteText } from '../typed-sql.ts'
import { readNumber, readWholeNumber } from './avro-numbers.ts'
import { decimalText, numberText } from './avro-texts.ts'

/** How a value of a writer's type becomes a field (semantics 1.10). All see the value as `given`; where that is null so are they. */
export interface AvroReading {
  /** Null where it is wrong. */
  readonly value: string
  /** The code of what is wrong with it. */
  readonly fault: string
  /** What a rejection shows of it. */
  readonly found: string
  /** Whether its bytes are none of its type; null where all are. */
  readonly damage: string | null
  /** Whether it is no UTF-8; null where there is no text in it. */
  readonly badText: string | null
}

type Meaning = Pick<AvroReading, 'value' | 'fault'>

/** 0001-01-01 to 9999-12-31, in days. */
const DATES = 'BETWEEN -719162 AND 2932896'

/** @param given the value as Spark gives it for the layout of the type: `scalarLayout` */
export function readAvro(given: string, type: AvroType, target: FieldType, timeZone: string): AvroReading {
  const meaning = fits(type, target)
    ? meaningOf(given, type, target, timeZone)
    : { value: 'NULL', fault: code('wrong_type') }
  return {
    ...meaning,
    found: foundText(given, type),
    damage: damageOf(given, type),
    badText: type.kind === 'string' ? `NOT is_valid_utf8(${given})` : null,
  }
}

function meaningOf(given: string, type: AvroType, target: FieldType, timeZone: string): Meaning {
  switch (target.kind) {
    case 'string':
      return { value: type.kind === 'enum' ? symbolOf(given, type.symbols) : given, fault: code('wrong_type') }
    case 'uuid':
      return {
        value: type.kind === 'string' ? `CASE WHEN ${given} RLIKE ${UUID} THEN lower(${given}) END` : uuidText(given),
        fault: code('wrong_type'),
      }
    case 'boolean':
      return { value: `(hex(${given}) = '01')`, fault: code('wrong_type') }
    case 'date':
      return { value: type.kind === 'string' ? isoDate(given) : dateOf(given), fault: code('invalid_time') }
    case 'timestamp':
      return type.kind === 'string'
        ? { value: timeOfText(given, timeZone), fault: timeTextFault(given) }
        : timeOfNumber(given, type, timeZone)
    default:
      return type.kind === 'int' || type.kind === 'long'
        ? readWholeNumber(given, target)
        : readNumber(given, type, target)
  }
}

const dateOf = (days: string): string => `CASE WHEN ${days} ${DATES} THEN date_from_unix_date(CAST(${days} AS INT)) END`

/** Times that are numbers; a local one is a reading of the clock in the zone. */
function timeOfNumber(given: string, type: AvroType, timeZone: string): Meaning {
  const logical = 'logical' in type && type.logical?.kind === 'timestamp' ? type.logical : null
  const millis = floorMillis(given, logical?.unit ?? 'millis')
  const isLocal = logical?.local === true
  const instant = isLocal ? inZone('ms', timeZone) : 'ms'
  return {
    value: bind('ms', millis, `CASE WHEN ms ${TIMES_MS} THEN ${instant} END`),
    fault: isLocal
      ? `CASE WHEN ${millis} ${TIMES_MS} THEN ${code('nonexistent_local_time')} ELSE ${code('invalid_time')} END`
      : code('invalid_time'),
  }
}

/** Down, before 1970 too, and without a step beyond 64 bits. */
function floorMillis(given: string, unit: TimestampUnit): string {
  const units = UNITS_PER_MS[unit]
  return units === 1 ? given : `(${given} DIV ${units} - CASE WHEN ${given} % ${units} < 0 THEN 1 ELSE 0 END)`
}

/** Null for a place that has no symbol. */
const symbolOf = (given: string, symbols: readonly string[]): string =>
  `get(array(${symbols.map(quoteText).join(', ')}), try_cast(${given} AS INT))`

function uuidText(given: string): string {
  const parts = [
    [1, 8],
    [9, 4],
    [13, 4],
    [17, 4],
    [21, 12],
  ].map(([start, length]) => `substring(h, ${start}, ${length})`)
  // Of null, `concat_ws` would make an empty text.
  return bind('h', `lower(hex(${given}))`, `CASE WHEN h IS NOT NULL THEN concat_ws('-', ${parts.join(', ')}) END`)
}

/** Whether bytes that have the right length are nothing that a writer writes. */
function damageOf(given: string, type: AvroType): string | null {
  switch (type.kind) {
    case 'boolean':
      return `hex(${given}) NOT IN ('00', '01')`
    case 'int':
      return `${given} NOT BETWEEN ${INT_MIN} AND ${INT_MAX}`
    case 'enum':
      return `${given} NOT BETWEEN 0 AND ${type.symbols.length - 1}`
    default:
      return null
  }
}

function foundText(given: string, type: AvroType): string {
  switch (type.kind) {
    case 'string':
      return given
    case 'enum':
      return symbolOf(given, type.symbols)
    case 'boolean':
      return `CASE hex(${given}) WHEN '01' THEN 'true' ELSE 'false' END`
    case 'int':
    case 'long':
      return `CAST(${given} AS STRING)`
    case 'float':
    case 'double':
      return numberText(`CAST(${given} AS DOUBLE)`, 'double')
    default:
      return decimalText(given, type) ?? quoteText(avroTypeName(type))
  }
}
