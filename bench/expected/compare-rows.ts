import type { ResultRows } from './result-row.ts'

/** How far a program's rows are from those expected. */
export interface RowComparison {
  readonly expected: number
  readonly equal: number
  readonly different: number
  readonly missing: number
  readonly unexpected: number
  /** One of the differences, in words; null when there is none. */
  readonly example: string | null
}

export function compareRows(found: ResultRows, expected: ResultRows): RowComparison {
  let [equal, different, missing] = [0, 0, 0]
  let example: string | null = null
  for (const [key, values] of expected) {
    const foundValues = found.get(key)
    if (foundValues === undefined) missing++
    else if (values.length === foundValues.length && values.every((value, i) => Object.is(value, foundValues[i]))) {
      equal++
      continue
    } else different++
    example ??= `${key}: expected ${JSON.stringify(values)}, found ${JSON.stringify(foundValues) ?? 'no row'}`
  }
  const unexpected = found.size - equal - different
  if (unexpected > 0) example ??= `${[...found.keys()].find((key) => !expected.has(key))}: expected no row`
  return { expected: expected.size, equal, different, missing, unexpected, example }
}

export const isExact = ({ expected, equal, unexpected }: RowComparison): boolean =>
  equal === expected && unexpected === 0
