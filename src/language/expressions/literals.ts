import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { formatDecimal, parseExact, rescale } from '../schemas/decimal.ts'
import { type FieldType, INT_MAX, INT_MIN, LONG_MAX, LONG_MIN, typeName, type Value } from '../schemas/field-types.ts'
import { formatDate } from '../schemas/value-text.ts'
import { cast } from './casts.ts'
import type { Expression } from './expression.ts'

type Literal = Extract<Expression, { kind: 'Literal' }>

/** What people may write where an expression is expected. */
export type LiteralInput = string | number | bigint | boolean | null

/**
 * The literal a plain value stands for: whole numbers are int (or long), others decimal by their shortest text (double where that is not
 * exact), texts are string.
 */
export function inferLiteral(input: LiteralInput): Literal {
  if (input === null) return literal({ kind: 'string' }, null)
  if (typeof input === 'string') return literal({ kind: 'string' }, input)
  if (typeof input === 'boolean') return literal({ kind: 'boolean' }, input)
  if (typeof input === 'bigint' || Number.isSafeInteger(input)) {
    return input >= INT_MIN && input <= INT_MAX
      ? literal({ kind: 'int' }, Number(input))
      : literal({ kind: 'long' }, String(input))
  }
  const exact = parseExact(String(input))
  const digits = exact === null ? 99 : Math.max(String(exact.unscaled).replace('-', '').length, exact.scale)
  if (exact === null || digits > 18) return literal({ kind: 'double' }, input)
  return literal({ kind: 'decimal', precision: digits, scale: exact.scale }, formatDecimal(exact.unscaled, exact.scale))
}

/** A literal of a given type; numbers, booleans and texts are read as a cast would. */
export function typedLiteral(input: LiteralInput, type: FieldType): Literal {
  if (input === null) return literal(type, null)
  if (
    type.kind === 'double' ||
    type.kind === 'float' ||
    type.kind === 'boolean' ||
    (type.kind === 'timestamp' && typeof input === 'number')
  ) {
    return literal(type, input as number | boolean)
  }
  const value = cast(String(input), { kind: 'string' }, type)
  if (value === null) throw new MysimbdpError('MSB_QUERY_INVALID', `'${String(input)}' is no ${typeName(type)}`)
  return literal(type, storedForm(value, type))
}

/** A value as a literal keeps it, so that JSON does not change it. */
function storedForm(value: Exclude<Value, null>, type: FieldType): string | number | boolean {
  if (type.kind === 'decimal') return formatDecimal(value as bigint, type.scale)
  if (type.kind === 'date') return formatDate(value as number)
  return typeof value === 'bigint' ? value.toString() : value
}

const literal = (type: FieldType, value: Literal['value']): Literal => ({ kind: 'Literal', type, value })

/** @throws MSB_QUERY_INVALID when the stored form does not belong to the type */
export function literalValue({ type, value }: Literal): Value {
  if (value === null) return null
  const parsed = parseStored(value, type)
  if (parsed === undefined)
    throw new MysimbdpError('MSB_QUERY_INVALID', `${JSON.stringify(value)} is no literal of type ${typeName(type)}`)
  return parsed
}

function parseStored(value: string | number | boolean, type: FieldType): Value | undefined {
  switch (type.kind) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'uuid':
    case 'date':
      return typeof value === 'string' ? (cast(value, { kind: 'string' }, type) ?? undefined) : undefined
    case 'int':
      return Number.isInteger(value) && (value as number) >= INT_MIN && (value as number) <= INT_MAX ? value : undefined
    case 'timestamp':
      return Number.isSafeInteger(value) ? value : undefined
    case 'float':
      return Number.isFinite(value) ? Math.fround(value as number) : undefined
    case 'double':
      return Number.isFinite(value) ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'long':
    case 'decimal': {
      const exact = typeof value === 'string' ? parseExact(value) : null
      const scale = type.kind === 'decimal' ? type.scale : 0
      if (exact === null || exact.scale > scale) return undefined
      const unscaled = rescale(exact.unscaled, exact.scale, scale)
      const [least, most] =
        type.kind === 'long'
          ? [LONG_MIN, LONG_MAX]
          : [-(10n ** BigInt(type.precision)) + 1n, 10n ** BigInt(type.precision) - 1n]
      return unscaled >= least && unscaled <= most ? unscaled : undefined
    }
  }
}
