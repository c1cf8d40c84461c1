import { DAY_MS } from '#foundation/time/zone.ts'
import type { AvroType, LogicalType } from '#language/schemas/avro/avro-type.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { INT_MAX, INT_MIN } from '#language/schemas/field-types.ts'
import type { ColumnSource } from './column-source.ts'
import { TIME_MS_MAX, TIME_MS_MIN, UNITS_PER_MS } from './read-time.ts'

/**
 * Pieces of generated code. Each stands in a loop labelled `records`, begins at position `at`, and leaves `at` behind what it
 * read; it may read some bytes past `end`, which is looked at once for each record. What a piece is not sure of ends the loop.
 */
export const UNSURE = 'break records'

/** Digits that a float or a double keeps of any decimal: numbers of so many are told apart. */
const EXACT_DIGITS = { float: 6, double: 15 } as const

/** `name` is a zigzag number of 32 bits. */
export const intSource = (name: string): string => `
      let b = bytes[at++], z = b & 127
      if (b > 127) {
        z |= ((b = bytes[at++]) & 127) << 7
        if (b > 127) {
          z |= ((b = bytes[at++]) & 127) << 14
          if (b > 127) {
            z |= ((b = bytes[at++]) & 127) << 21
            if (b > 127) {
              if ((b = bytes[at++]) > 15) ${UNSURE}
              z |= b << 28
            }
          }
        }
      }
      const ${name} = (z >>> 1) ^ -(z & 1)`

/** `v` is a zigzag number that is exact in a double. */
const LONG = `
      let b = bytes[at++], low = b & 127, high = 0
      if (b > 127) {
        low |= ((b = bytes[at++]) & 127) << 7
        if (b > 127) {
          low |= ((b = bytes[at++]) & 127) << 14
          if (b > 127) {
            low |= ((b = bytes[at++]) & 127) << 21
            if (b > 127) {
              high = (b = bytes[at++]) & 127
              if (b > 127) {
                high |= ((b = bytes[at++]) & 127) << 7
                if (b > 127) {
                  high |= ((b = bytes[at++]) & 127) << 14
                  if (b > 127) {
                    high |= ((b = bytes[at++]) & 127) << 21
                    if (b > 127) ${UNSURE}
                  }
                }
              }
            }
          }
        }
      }
      const z = high * ${2 ** 28} + low
      if (z > ${Number.MAX_SAFE_INTEGER}) ${UNSURE}
      const v = (low & 1) === 1 ? -(z + 1) / 2 : z / 2`

/** `stop` follows the bytes of a string, or of bytes, at `at`. */
export const LENGTH = `${intSource('size')}
      const stop = at + size
      if (size < 0 || stop > end) ${UNSURE}`

/** `v` is the two's complement on [at, stop). */
const UNSCALED = `
      let v = at < stop ? (bytes[at++] << 24) >> 24 : 0
      while (at < stop) v = v * 256 + bytes[at++]
      if (!(v >= ${-Number.MAX_SAFE_INTEGER} && v <= ${Number.MAX_SAFE_INTEGER})) ${UNSURE}`

const real = (kind: 'float' | 'double', bytes: number): string => `
      if (at + ${bytes} > end) ${UNSURE}
      const v = view.get${kind === 'float' ? 'Float32' : 'Float64'}(at, true)
      at += ${bytes}
      if (!Number.isFinite(v)) ${UNSURE}`

const require = (condition: string): string => `
      if (!(${condition})) ${UNSURE}`

/** Code for a value of a type that is no union, which goes to `column` of the row. What has no quick way is never sure. */
export function valueSource(type: AvroType, target: FieldType, column: ColumnSource, symbols: number): string {
  switch (type.kind) {
    case 'boolean':
      return target.kind === 'boolean'
        ? `${require('bytes[at] <= 1')}${column.store('bytes[at]')}
      at++`
        : UNSURE
    case 'string':
      return textSource(target, column)
    case 'enum':
      return target.kind === 'string' ? enumSource(column, symbols) : UNSURE
    case 'int':
      return `${intSource('v')}${wholeSource(type.logical, target, column)}`
    case 'long':
      return `${LONG}${wholeSource(type.logical, target, column)}`
    case 'float':
      return `${real('float', 4)}${realSource('float', target, column)}`
    case 'double':
      return `${real('double', 8)}${realSource('double', target, column)}`
    case 'bytes':
      return bytesSource(LENGTH, type.logical, target, column)
    case 'fixed':
      return bytesSource(fixedEnd(type.size), type.logical, target, column)
    default:
      return UNSURE
  }
}

const fixedEnd = (size: number): string => `
      const stop = at + ${size}
      if (stop > end) ${UNSURE}`

/** Least length of a time that is no number, which a CSV field might be. */
const TIME_TEXT_MIN = 16

function textSource(target: FieldType, column: ColumnSource): string {
  const long = target.kind === 'timestamp' ? require(`size >= ${TIME_TEXT_MIN}`) : ''
  const isKnown = ['string', 'uuid', 'date', 'timestamp'].includes(target.kind)
  if (!isKnown) return UNSURE
  return `${LENGTH}${long}${require('calls.isText(bytes, view, at, stop)')}
      if (!${column.name}.readCsv(bytes, view, at, stop, row)) ${UNSURE}
      at = stop`
}

const enumSource = (column: ColumnSource, symbols: number): string => `${intSource('v')}
      const symbol = symbols[${symbols}][v]
      if (symbol === undefined) ${UNSURE}
      ${column.name}.readCsv(symbol.bytes, symbol.view, 0, symbol.length, row)`

/** A whole number `v`. */
function wholeSource(logical: LogicalType | null, target: FieldType, column: ColumnSource): string {
  switch (target.kind) {
    case 'int':
      return `${require(`v >= ${INT_MIN} && v <= ${INT_MAX}`)}${column.store('v')}`
    case 'long':
    case 'double':
      return column.store('v')
    case 'float':
      return column.store('Math.fround(v)')
    case 'decimal':
      return unscaledSource(`v * ${10 ** target.scale}`, target, column)
    case 'date':
      return logical?.kind === 'date'
        ? `${require(`v >= ${TIME_MS_MIN / DAY_MS} && v <= ${Math.floor(TIME_MS_MAX / DAY_MS)}`)}${column.store('v')}`
        : UNSURE
    case 'timestamp':
      return timeSource(logical, column)
    default:
      return UNSURE
  }
}

function timeSource(logical: LogicalType | null, column: ColumnSource): string {
  if (logical !== null && logical.kind !== 'timestamp') return UNSURE
  const units = UNITS_PER_MS[logical?.unit ?? 'millis']
  // A quotient of doubles may round up to the next whole number; without the rest there is nothing to round.
  const ms = units === 1 ? 'v' : `(v - ((v % ${units}) + ${units}) % ${units}) / ${units}`
  const within = `
      const ms = ${ms}${require(`ms >= ${TIME_MS_MIN} && ms <= ${TIME_MS_MAX}`)}`
  if (logical === null || !logical.local) return `${within}${column.store('ms')}`
  return `${within}
      const days = Math.floor(ms / ${DAY_MS})
      const instant = clock.toUtcMs(days, ms - days * ${DAY_MS})${require('instant === instant')}
      ${column.name}.set(row, instant, clock.ambiguous)`
}

/** The unscaled value of a decimal, which is exact while it is small enough for a double. */
function unscaledSource(value: string, target: Extract<FieldType, { kind: 'decimal' }>, column: ColumnSource): string {
  const limit = Math.min(10 ** target.precision, Number.MAX_SAFE_INTEGER)
  return `
      const unscaled = ${value}${require(`unscaled < ${limit} && unscaled > ${-limit}`)}${column.store('unscaled')}`
}

/** A finite float or double `v`. */
function realSource(kind: 'float' | 'double', target: FieldType, column: ColumnSource): string {
  switch (target.kind) {
    case 'int':
      return `${require('v === (v | 0)')}${column.store('v | 0')}`
    case 'long':
      return `${require('Number.isSafeInteger(v)')}${column.store('v + 0')}`
    case 'double':
      return column.store('v')
    case 'float':
      return `
      const single = Math.fround(v)${require('Number.isFinite(single)')}${column.store('single')}`
    case 'decimal':
      return shortestSource(kind, target, column)
    default:
      return UNSURE
  }
}

/**
 * The decimal with so few digits that no other one gives the same float or double is what its shortest text says.
 */
function shortestSource(
  kind: 'float' | 'double',
  target: Extract<FieldType, { kind: 'decimal' }>,
  column: ColumnSource,
): string {
  const limit = 10 ** Math.min(target.precision, EXACT_DIGITS[kind])
  const readBack = `unscaled / ${10 ** target.scale}`
  const same = kind === 'float' ? `Math.fround(${readBack}) === v` : `${readBack} === v`
  return `
      const unscaled = Math.round(v * ${10 ** target.scale}) + 0${require(`unscaled < ${limit} && unscaled > ${-limit} && ${same}`)}${column.store('unscaled')}`
}

function bytesSource(end: string, logical: LogicalType | null, target: FieldType, column: ColumnSource): string {
  if (logical?.kind === 'uuid' && target.kind === 'uuid')
    return `${end}
      if (!${column.name}.readCsv(calls.uuidText(bytes, at), view, 0, 36, row)) ${UNSURE}
      at = stop`
  if (logical?.kind !== 'decimal') return UNSURE
  if (target.kind === 'double' && logical.scale <= 22)
    return `${end}${UNSCALED}${column.store(`v / ${10 ** logical.scale}`)}`
  const scale = target.kind === 'decimal' ? target.scale : 0
  const lost = logical.scale - scale
  const value = lost > 0 ? `v / ${10 ** lost}` : `v * ${10 ** -lost}`
  const rescaled = `${end}${UNSCALED}${lost > 0 ? require(`v % ${10 ** lost} === 0`) : ''}`
  switch (target.kind) {
    case 'decimal':
      return `${rescaled}${unscaledSource(value, target, column)}`
    case 'int':
      return `${rescaled}
      const whole = ${value}${require(`whole >= ${INT_MIN} && whole <= ${INT_MAX}`)}${column.store('whole')}`
    case 'long':
      return `${rescaled}${column.store(value)}`
    default:
      return UNSURE
  }
}
