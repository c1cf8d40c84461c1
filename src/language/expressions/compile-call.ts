import { DAY_MS, zoneRules } from '#foundation/time/zone.ts'
import { fitPrecision, pow10, rescale, roundDouble } from '../schemas/decimal.ts'
import { type FieldType, INT_MAX, INT_MIN, isNumeric, LONG_MAX, LONG_MIN, type Value } from '../schemas/field-types.ts'
import { cast, fromExact, trimSpaces } from './casts.ts'
import { compareValues } from './compare-values.ts'
import type { CompiledExpression, Evaluator } from './evaluator.ts'
import type { FunctionName } from './expression.ts'
import { commonType } from './type-of.ts'

/** How each function is computed: one line in `calls`. */

/** The operand's value in a wider type. */
export function widened<Context>(operand: CompiledExpression<Context>, type: FieldType): Evaluator<Context> {
  if (operand.type.kind === type.kind && type.kind !== 'decimal') return operand.evaluate
  return (context) => cast(operand.evaluate(context), operand.type, type)
}

/** A function of its operands' values; null when one of them is null. */
function strict<Context>(
  operands: readonly CompiledExpression<Context>[],
  apply: (...values: never[]) => Value,
): Evaluator<Context> {
  const call = apply as (...values: Value[]) => Value
  const [a, b, c] = operands
  if (c !== undefined && operands.length === 3) {
    return (context) => {
      const [x, y, z] = [a!.evaluate(context), b!.evaluate(context), c.evaluate(context)]
      return x === null || y === null || z === null ? null : call(x, y, z)
    }
  }
  if (b !== undefined && operands.length === 2) {
    return (context) => {
      const x = a!.evaluate(context)
      const y = b.evaluate(context)
      return x === null || y === null ? null : call(x, y)
    }
  }
  if (operands.length === 1) {
    return (context) => {
      const x = a!.evaluate(context)
      return x === null ? null : call(x)
    }
  }
  return (context) => {
    const values = operands.map((operand) => operand.evaluate(context))
    return values.includes(null) ? null : call(...values)
  }
}

type CompileCall = <Context>(operands: readonly CompiledExpression<Context>[], type: FieldType) => Evaluator<Context>

export const compileCall = <Context>(
  name: FunctionName,
  operands: readonly CompiledExpression<Context>[],
  type: FieldType,
): Evaluator<Context> => calls[name](operands, type)

const comparison =
  (holds: (order: number) => boolean): CompileCall =>
  (operands) => {
    const [a, b] = operands as readonly CompiledExpression<never>[] as [
      CompiledExpression<never>,
      CompiledExpression<never>,
    ]
    const common = isNumeric(a.type) ? commonType(a.type, b.type, 'comparison') : a.type
    const sides = [widened(a, common), widened(b, common)].map((evaluate) => ({ type: common, evaluate }))
    return strict(sides, (x: Value, y: Value) => holds(compareValues(x as never, y as never, common))) as never
  }

const finite = (value: number): Value => (Number.isFinite(value) ? value : null)

interface ArithmeticOperation {
  readonly double: (a: number, b: number) => number
  /** On whole numbers, or on decimals brought to the scales `scales` says; null for division by zero. */
  readonly exact: (a: bigint, b: bigint) => bigint | null
  /** Whether decimal operands must share the result's scale first (multiply keeps its own). */
  readonly alignScales: boolean
}

const arithmetic =
  ({ double, exact, alignScales }: ArithmeticOperation): CompileCall =>
  (operands, type) => {
    const [a, b] = operands.map((operand) => operand.type) as [FieldType, FieldType]
    if (type.kind === 'double') {
      const sides = operands.map((operand) => ({ type, evaluate: widened(operand, type) }))
      return strict(sides, (x: number, y: number) => finite(double(x, y)))
    }
    if (type.kind === 'int') return strict(operands, (x: number, y: number) => wholeOrNull(double(x, y)))
    const scale = type.kind === 'decimal' ? type.scale : 0
    const align = (value: number | bigint, operand: FieldType): bigint =>
      alignScales ? rescale(BigInt(value), operand.kind === 'decimal' ? operand.scale : 0, scale) : BigInt(value)
    return strict(operands, (x: number | bigint, y: number | bigint) => {
      const result = exact(align(x, a), align(y, b))
      return result === null ? null : fromExact(result, scale, type)
    })
  }

const wholeOrNull = (value: number): Value => (value >= INT_MIN && value <= INT_MAX ? value + 0 : null)

const text =
  (apply: (...texts: never[]) => Value): CompileCall =>
  (operands) =>
    strict(operands, apply)

const timePart =
  (part: (local: Date) => number): CompileCall =>
  (operands) => {
    const zone = zoneRules(operands[1]!.evaluate(undefined as never) as string)
    return strict(operands.slice(0, 1), (epochMs: number) => part(new Date(epochMs + zone.offsetMsAt(epochMs))))
  }

const toWhole =
  (double: (value: number) => number, exact: (unscaled: bigint, unit: bigint) => bigint): CompileCall =>
  (operands, type) => {
    const from = operands[0]!.type
    if (from.kind === type.kind) return operands[0]!.evaluate
    if (from.kind === 'decimal')
      return strict(operands, (value: bigint) => fromExact(exact(value, pow10(from.scale)), 0, type))
    return strict(operands, (value: number) => longOrNull(double(value)))
  }

const longOrNull = (value: number): Value => {
  const whole = BigInt(value)
  return whole >= LONG_MIN && whole <= LONG_MAX ? whole : null
}

const floorDivide = (value: bigint, unit: bigint): bigint =>
  value / unit - (value < 0n && value % unit !== 0n ? 1n : 0n)

const round: CompileCall = (operands, type) => {
  const digits = operands[1]!.evaluate(undefined as never) as number
  const from = operands[0]!.type
  const value = operands.slice(0, 1)
  if (from.kind === 'double' || from.kind === 'float') {
    const double = [{ type, evaluate: widened(operands[0]!, type) }]
    return strict(double, (number: number) => finite(roundDouble(number, digits)))
  }
  if (from.kind !== 'decimal' || digits >= from.scale) return operands[0]!.evaluate
  return strict(value, (unscaled: bigint) =>
    fitPrecision(rescale(unscaled, from.scale, digits), type.kind === 'decimal' ? type.precision : 38),
  )
}

/** A sign change of a whole or decimal number, checked against the range of the type. */
const signed =
  (double: (value: number) => number, exact: (value: bigint) => bigint): CompileCall =>
  (operands, type) => {
    if (type.kind === 'int') return strict(operands, (value: number) => wholeOrNull(double(value)))
    if (type.kind === 'long' || type.kind === 'decimal') {
      return strict(operands, (value: bigint) =>
        fromExact(exact(value), type.kind === 'decimal' ? type.scale : 0, type),
      )
    }
    return strict(operands, (value: number) => double(value))
  }

const logic =
  (decides: boolean): CompileCall =>
  (operands) => {
    const [a, b] = operands as readonly CompiledExpression<never>[] as [
      CompiledExpression<never>,
      CompiledExpression<never>,
    ]
    return ((context: never) => {
      const x = a.evaluate(context)
      if (x === decides) return decides
      const y = b.evaluate(context)
      if (y === decides) return decides
      return x === null || y === null ? null : !decides
    }) as never
  }

function substring(value: string, start: number, length: number): Value {
  if (start < 1) return null
  return [...value].slice(start - 1, start - 1 + Math.max(length, 0)).join('')
}

const calls: { readonly [F in FunctionName]: CompileCall } = {
  equal: comparison((order) => order === 0),
  notEqual: comparison((order) => order !== 0),
  less: comparison((order) => order < 0),
  lessOrEqual: comparison((order) => order <= 0),
  greater: comparison((order) => order > 0),
  greaterOrEqual: comparison((order) => order >= 0),
  and: logic(false),
  or: logic(true),
  not: (operands) => strict(operands, (value: boolean) => !value),
  add: arithmetic({ double: (a, b) => a + b, exact: (a, b) => a + b, alignScales: true }),
  subtract: arithmetic({ double: (a, b) => a - b, exact: (a, b) => a - b, alignScales: true }),
  multiply: arithmetic({ double: (a, b) => a * b, exact: (a, b) => a * b, alignScales: false }),
  modulo: arithmetic({ double: (a, b) => a % b, exact: (a, b) => (b === 0n ? null : a % b), alignScales: true }),
  divide: (operands, type) =>
    strict(
      operands.map((operand) => ({ type, evaluate: widened(operand, type) })),
      (a: number, b: number) => finite(a / b),
    ),
  negate: signed(
    (value) => -value,
    (value) => -value,
  ),
  abs: signed(Math.abs, (value) => (value < 0n ? -value : value)),
  round,
  floor: toWhole(Math.floor, floorDivide),
  ceil: toWhole(Math.ceil, (value, unit) => -floorDivide(-value, unit)),
  isNull:
    ([operand]) =>
    (context) =>
      operand!.evaluate(context) === null,
  isNotNull:
    ([operand]) =>
    (context) =>
      operand!.evaluate(context) !== null,
  coalesce: (operands, type) => {
    const candidates = operands.map((operand) => widened(operand, type))
    return (context) => {
      for (const candidate of candidates) {
        const value = candidate(context)
        if (value !== null) return value
      }
      return null
    }
  },
  lower: text((value: string) => value.toLowerCase()),
  upper: text((value: string) => value.toUpperCase()),
  trim: text((value: string) => trimSpaces(value)),
  length: text((value: string) => [...value].length),
  substring: text(substring),
  concat: text((...values: string[]) => values.join('')),
  contains: text((value: string, part: string) => value.includes(part)),
  startsWith: text((value: string, part: string) => value.startsWith(part)),
  endsWith: text((value: string, part: string) => value.endsWith(part)),
  year: timePart((local) => local.getUTCFullYear()),
  month: timePart((local) => local.getUTCMonth() + 1),
  dayOfMonth: timePart((local) => local.getUTCDate()),
  hour: timePart((local) => local.getUTCHours()),
  minute: timePart((local) => local.getUTCMinutes()),
  dayOfWeek: timePart((local) => ((((Math.floor(local.getTime() / DAY_MS) + 3) % 7) + 7) % 7) + 1),
}
