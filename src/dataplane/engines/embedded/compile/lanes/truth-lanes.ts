import type { Column } from '../../../../records/record-batch.ts'
import { byteMemory, FALSE, type LaneProgram, type NumberLane, TRUE, type TruthLane, UNKNOWN } from './lane.ts'

/** The truths of a boolean column. */
export function fieldTruths(name: string): LaneProgram<TruthLane> {
  const memory = byteMemory()
  return ({ batch, column }) => {
    const vector = column(name)
    if (vector.layout !== 'boolean') return null
    const { values, nulls } = vector
    if (nulls === null) return values
    const truths = memory.of(batch.rows)
    for (let row = 0; row < batch.rows; row++) truths[row] = nulls[row] === 1 ? UNKNOWN : values[row]!
    return truths
  }
}

/** Which orders of two numbers make a comparison true: [less, equal, greater]. */
export type Holds = readonly [boolean, boolean, boolean]

export function comparedNumbers(
  a: LaneProgram<NumberLane>,
  b: LaneProgram<NumberLane>,
  holds: Holds,
): LaneProgram<TruthLane> {
  const memory = byteMemory()
  const truthOfOrder = Uint8Array.from(holds, Number)
  return (input) => {
    const x = a(input)
    const y = b(input)
    if (x === null || y === null) return null
    const truths = memory.of(input.batch.rows)
    compare(x.values, y.values, input.batch.rows, truthOfOrder, truths)
    for (const { nulls } of [x, y]) if (nulls !== null) markUnknown(nulls, input.batch.rows, truths)
    return truths
  }
}

function compare(x: Float64Array, y: Float64Array, rows: number, truthOfOrder: Uint8Array, truths: TruthLane): void {
  for (let row = 0; row < rows; row++) {
    const [a, b] = [x[row]!, y[row]!]
    truths[row] = truthOfOrder[a < b ? 0 : a > b ? 2 : 1]!
  }
}

function markUnknown(nulls: Uint8Array, rows: number, truths: TruthLane): void {
  for (let row = 0; row < rows; row++) if (nulls[row] === 1) truths[row] = UNKNOWN
}

/** Whether a text is one, or is not: a dictionary has it once. */
export function comparedTexts(name: string, text: string, ofEqual: boolean): LaneProgram<TruthLane> {
  const memory = byteMemory()
  let known: { readonly entries: readonly string[]; searched: number; code: number } | null = null
  return ({ batch, column }) => {
    const vector = column(name)
    if (vector.layout !== 'dictionary') return null
    const { codes, dictionary } = vector
    if (known?.entries !== dictionary.entries) known = { entries: dictionary.entries, searched: 0, code: -1 }
    if (known.code < 0) known.code = dictionary.entries.indexOf(text, known.searched)
    known.searched = dictionary.entries.length
    const wanted = known.code < 0 ? dictionary.entries.length : known.code
    const truths = memory.of(batch.rows)
    const [equal, other] = ofEqual ? [TRUE, FALSE] : [FALSE, TRUE]
    for (let row = 0; row < batch.rows; row++) {
      const code = codes[row]!
      truths[row] = code < 0 ? UNKNOWN : code === wanted ? equal : other
    }
    return truths
  }
}

/** Three-valued tables, by 3 * a + b. */
const AND = Uint8Array.of(FALSE, FALSE, FALSE, FALSE, TRUE, UNKNOWN, FALSE, UNKNOWN, UNKNOWN)
const OR = Uint8Array.of(FALSE, TRUE, UNKNOWN, TRUE, TRUE, TRUE, UNKNOWN, TRUE, UNKNOWN)
const NOT = Uint8Array.of(TRUE, FALSE, UNKNOWN)

function combinedTruths(
  a: LaneProgram<TruthLane>,
  b: LaneProgram<TruthLane>,
  table: Uint8Array,
): LaneProgram<TruthLane> {
  const memory = byteMemory()
  return (input) => {
    const x = a(input)
    const y = b(input)
    if (x === null || y === null) return null
    const truths = memory.of(input.batch.rows)
    for (let row = 0; row < input.batch.rows; row++) truths[row] = table[3 * x[row]! + y[row]!]!
    return truths
  }
}

export const bothTruths = (a: LaneProgram<TruthLane>, b: LaneProgram<TruthLane>): LaneProgram<TruthLane> =>
  combinedTruths(a, b, AND)

export const eitherTruth = (a: LaneProgram<TruthLane>, b: LaneProgram<TruthLane>): LaneProgram<TruthLane> =>
  combinedTruths(a, b, OR)

export function oppositeTruths(program: LaneProgram<TruthLane>): LaneProgram<TruthLane> {
  const memory = byteMemory()
  return (input) => {
    const lane = program(input)
    if (lane === null) return null
    const truths = memory.of(input.batch.rows)
    for (let row = 0; row < input.batch.rows; row++) truths[row] = NOT[lane[row]!]!
    return truths
  }
}

/** Whether a field is null, or is not, in whatever layout it is decoded. */
export function fieldNullTruths(name: string, ofNull: boolean): LaneProgram<TruthLane> {
  const memory = byteMemory()
  return ({ batch, column }) => {
    const vector = column(name)
    if (vector.layout === 'values') return null
    const truths = memory.of(batch.rows)
    const [yes, no] = ofNull ? [TRUE, FALSE] : [FALSE, TRUE]
    if (vector.layout === 'dictionary')
      for (let row = 0; row < batch.rows; row++) truths[row] = vector.codes[row]! < 0 ? yes : no
    else if (vector.nulls === null) truths.fill(no, 0, batch.rows)
    else for (let row = 0; row < batch.rows; row++) truths[row] = vector.nulls[row] === 1 ? yes : no
    return truths
  }
}

/** Truths as a boolean column. */
export function truthColumn(truths: LaneProgram<TruthLane>): LaneProgram<Extract<Column, { layout: 'boolean' }>> {
  const [bits, marks] = [byteMemory(), byteMemory()]
  return (input) => {
    const lane = truths(input)
    if (lane === null) return null
    const { rows } = input.batch
    const [values, nulls] = [bits.of(rows), marks.of(rows)]
    let someNull = 0
    for (let row = 0; row < rows; row++) {
      const truth = lane[row]!
      values[row] = truth & TRUE
      nulls[row] = truth >> 1
      someNull |= truth >> 1
    }
    return { layout: 'boolean', values, nulls: someNull === 0 ? null : nulls }
  }
}
