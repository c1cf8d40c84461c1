import type { FieldType } from '#language/schemas/field-types.ts'
import { byteMemory, type LaneProgram, type NumberLane, numberMemory } from './lane.ts'

/** The numbers of a column: as they are decoded, ints copied. */
export function fieldNumbers(name: string): LaneProgram<NumberLane> {
  const memory = numberMemory()
  return ({ batch, column }) => {
    const vector = column(name)
    if (vector.layout === 'float64') return vector
    if (vector.layout !== 'int32') return null
    const values = memory.of(batch.rows)
    for (let row = 0; row < batch.rows; row++) values[row] = vector.values[row]!
    return { values, nulls: vector.nulls }
  }
}

/** The same number in every row. */
export function constantNumbers(number: number): LaneProgram<NumberLane> {
  let values = new Float64Array(0)
  return ({ batch }) => {
    if (values.length < batch.rows) values = new Float64Array(batch.rows).fill(number)
    return { values, nulls: null }
  }
}

/** The same numbers in a wider type; null where they cannot be brought there in doubles. */
export function widenedNumbers(
  numbers: LaneProgram<NumberLane>,
  from: FieldType,
  to: FieldType,
): LaneProgram<NumberLane> | null {
  const fromScale = scaleOf(from)
  if (to.kind === 'double')
    return fromScale === 0 ? numbers : mappedNumbers(numbers, (value) => value / 10 ** fromScale)
  if (to.kind === 'decimal') return fromScale <= to.scale ? scaledNumbers(numbers, to.scale - fromScale) : null
  if (to.kind === 'long' && (from.kind === 'int' || from.kind === 'long')) return numbers
  return to.kind === from.kind ? numbers : null
}

export const scaleOf = (type: FieldType): number => (type.kind === 'decimal' ? type.scale : 0)

/** Whole numbers times a power of ten; gives up beyond 2^53. */
export function scaledNumbers(numbers: LaneProgram<NumberLane>, digits: number): LaneProgram<NumberLane> {
  if (digits === 0) return numbers
  const factor = 10 ** digits
  return mappedNumbers(numbers, (value) => value * factor, Number.MAX_SAFE_INTEGER)
}

/** Each number by itself, null rows too: `map` must bring 0 to 0. Gives up when a result is greater than `most`. */
export function mappedNumbers(
  numbers: LaneProgram<NumberLane>,
  map: (value: number) => number,
  most = Number.POSITIVE_INFINITY,
): LaneProgram<NumberLane> {
  const memory = numberMemory()
  return (input) => {
    const lane = numbers(input)
    if (lane === null) return null
    const values = memory.of(input.batch.rows)
    let greatest = 0
    for (let row = 0; row < input.batch.rows; row++) {
      const value = map(lane.values[row]!)
      if (value > greatest || -value > greatest) greatest = Math.abs(value)
      values[row] = value
    }
    return greatest <= most ? { values, nulls: lane.nulls } : null
  }
}

/** What an operation makes of two numbers, and which results are no value. */
export interface NumberOperation {
  readonly apply: (a: number, b: number) => number
  /** Results beyond it in magnitude are null. */
  readonly valueMax: number
  /** Results beyond it in magnitude may not be exact: the lane gives up. */
  readonly exactMax: number
}

/** An operation on two numbers of each row; what is not a number, as division by zero gives it, is null. */
export function combinedNumbers(
  a: LaneProgram<NumberLane>,
  b: LaneProgram<NumberLane>,
  { apply, valueMax, exactMax }: NumberOperation,
): LaneProgram<NumberLane> {
  const [numbers, marks] = [numberMemory(), byteMemory()]
  return (input) => {
    const x = a(input)
    const y = b(input)
    if (x === null || y === null) return null
    const { rows } = input.batch
    const [values, nulls] = [numbers.of(rows), marks.of(rows)]
    let greatest = 0
    let someNull = 0
    for (let row = 0; row < rows; row++) {
      const result = apply(x.values[row]!, y.values[row]!)
      const magnitude = Math.abs(result)
      const operandNull = (x.nulls === null ? 0 : x.nulls[row]!) | (y.nulls === null ? 0 : y.nulls[row]!)
      // Not a number is not at most anything.
      const isNull = operandNull === 1 || !(magnitude <= valueMax) ? 1 : 0
      if (operandNull === 0 && magnitude > greatest) greatest = magnitude
      values[row] = isNull === 1 ? 0 : result + 0
      nulls[row] = isNull
      someNull |= isNull
    }
    return greatest <= exactMax ? { values, nulls: someNull === 0 ? null : nulls } : null
  }
}

/** The first number of each row that is not null. */
export function firstNumbers(a: LaneProgram<NumberLane>, b: LaneProgram<NumberLane>): LaneProgram<NumberLane> {
  const [numbers, marks] = [numberMemory(), byteMemory()]
  return (input) => {
    const x = a(input)
    const y = b(input)
    if (x === null || y === null) return null
    if (x.nulls === null) return x
    const { rows } = input.batch
    const [values, nulls] = [numbers.of(rows), marks.of(rows)]
    for (let row = 0; row < rows; row++) {
      const missing = x.nulls[row] === 1
      values[row] = missing ? y.values[row]! : x.values[row]!
      nulls[row] = missing && y.nulls !== null ? y.nulls[row]! : 0
    }
    return { values, nulls }
  }
}
