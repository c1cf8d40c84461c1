import type { FieldType } from '#language/schemas/field-types.ts'
import {
  exactDouble,
  exactValue,
  finite,
  fitDigits,
  fitWhole,
  floorOf,
  power,
  rational,
  roundDouble,
  roundToScale,
  toDouble,
} from './exact-number.ts'
import {
  asDecimal,
  DOUBLE,
  decimalOf,
  INT,
  isBinary,
  isWhole,
  LONG,
  type OracleValue,
  type Typed,
} from './typed-value.ts'

type Operation = 'add' | 'subtract' | 'multiply' | 'modulo'

/** The type of a two-sided operation by rules 4.2 to 4.4. */
function resultType(operation: Operation, a: FieldType, b: FieldType): FieldType {
  if (isBinary(a) || isBinary(b)) return DOUBLE
  if (isWhole(a) && isWhole(b)) return a.kind === 'int' && b.kind === 'int' ? INT : LONG
  const [x, y] = [asDecimal(a), asDecimal(b)]
  if (operation === 'multiply') return decimalOf(x.precision + y.precision + 1, x.scale + y.scale)
  const scale = Math.max(x.scale, y.scale)
  const carry = operation === 'modulo' ? 0 : 1
  return decimalOf(Math.max(x.precision - x.scale, y.precision - y.scale) + scale + carry, scale)
}

export function arithmetic(operation: Operation, a: Typed, b: Typed): Typed {
  const type = resultType(operation, a.type, b.type)
  if (a.value === null || b.value === null) return { type, value: null }
  if (type.kind === 'double') {
    return { type, value: onDoubles(operation, toDouble(a.value, a.type), toDouble(b.value, b.type)) }
  }
  const scale = type.kind === 'decimal' && operation === 'multiply' ? null : type.kind === 'decimal' ? type.scale : 0
  const exact = onWholes(operation, unscaledAt(a, scale), unscaledAt(b, scale))
  return { type, value: exact === null ? null : fit(exact, type) }
}

function onDoubles(operation: Operation, a: number, b: number): number | null {
  switch (operation) {
    case 'add':
      return finite(a + b)
    case 'subtract':
      return finite(a - b)
    case 'multiply':
      return finite(a * b)
    case 'modulo':
      return finite(a % b)
  }
}

function onWholes(operation: Operation, a: bigint, b: bigint): bigint | null {
  switch (operation) {
    case 'add':
      return a + b
    case 'subtract':
      return a - b
    case 'multiply':
      return a * b
    case 'modulo':
      return b === 0n ? null : a % b
  }
}

/** The unscaled value at a common scale; null: at the type's own. */
function unscaledAt({ type, value }: Typed, scale: number | null): bigint {
  const own = type.kind === 'decimal' ? type.scale : 0
  return (value as bigint) * power((scale ?? own) - own)
}

function fit(value: bigint, type: FieldType): bigint | null {
  return type.kind === 'decimal' ? fitDigits(value, type.precision) : fitWhole(value, type)
}

/** Always a double (rule 4.2); by zero it is null. */
export function divide(a: Typed, b: Typed): Typed {
  if (a.value === null || b.value === null) return { type: DOUBLE, value: null }
  return { type: DOUBLE, value: finite(toDouble(a.value, a.type) / toDouble(b.value, b.type)) }
}

export function negate({ type, value }: Typed): Typed {
  if (value === null) return { type, value }
  return { type, value: typeof value === 'number' ? -value : fit(-(value as bigint), type) }
}

export function abs(typed: Typed): Typed {
  const negative = typed.value !== null && (typed.value as number | bigint) < 0
  return negative ? negate(typed) : typed
}

export function round({ type, value }: Typed, digits: number): Typed {
  if (isBinary(type))
    return { type: DOUBLE, value: value === null ? null : finite(roundDouble(value as number, digits)) }
  if (type.kind !== 'decimal' || digits >= type.scale) return { type, value }
  const rounded = decimalOf(Math.min(type.precision - type.scale + digits + 1, 38), digits)
  return { type: rounded, value: value === null ? null : roundToScale(exactValue(value, type), digits) }
}

export const floor = (typed: Typed): Typed => wholeBelowOrAbove(typed, 1n)
export const ceil = (typed: Typed): Typed => wholeBelowOrAbove(typed, -1n)

/** ceil(x) is -floor(-x). */
function wholeBelowOrAbove(typed: Typed, sign: 1n | -1n): Typed {
  if (isWhole(typed.type)) return typed
  return { type: LONG, value: typed.value === null ? null : flooredLong(typed, sign) }
}

function flooredLong({ type, value }: Typed, sign: 1n | -1n): OracleValue {
  const exact = isBinary(type) ? exactDouble(value as number) : exactValue(value, type)
  return fitWhole(sign * floorOf(rational(sign * exact.numerator, exact.denominator)), LONG)
}
