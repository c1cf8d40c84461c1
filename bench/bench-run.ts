import { join } from 'node:path'
import { calculateExpected, type Expected } from './expected/calculate.ts'
import { compareRows } from './expected/compare-rows.ts'
import { type LatenessRule, latenessRules } from './expected/lateness.ts'
import type { ResultRows } from './expected/result-row.ts'
import { progress } from './measuring/progress.ts'
import { median } from './measuring/statistics.ts'
import type { Figure, Mode, NotMeasured, RowCheck } from './report/figure.ts'
import { type InputKind, inputFile } from './workload/inputs.ts'
import { type MeasuredQueries, measuredQueries } from './workload/trip-apps.ts'

/** Sizes of the inputs of one run of the bench, and how often each program is run. */
export interface Sizes {
  /** The cost of a record is measured from this much to `large`, as starting and compiling are over by then. The quick bench does without. */
  readonly small: number
  readonly large: number
  readonly repeats: number
  readonly peakDay: number
  readonly largeLogBytes: number
}

export const sizes: Readonly<Record<Mode, Sizes>> = {
  full: { small: 200_000, large: 2_000_000, repeats: 3, peakDay: 150_000, largeLogBytes: 10 * 2 ** 30 },
  quick: { small: 0, large: 200_000, repeats: 2, peakDay: 0, largeLogBytes: 0 },
}

/** An input, as cases ask for it. */
export interface Input {
  readonly kind: InputKind
  readonly records: number
  /** Of the topic that it is put into; 1 where nothing is said. */
  readonly partitions?: number
}

/** What the cases of one run of the bench share: inputs, expected rows, and what was found. */
export class BenchRun {
  readonly mode: Mode
  readonly sizes: Sizes
  /** For inputs and whatever programs write; it goes away with the bench. */
  readonly folder: string
  readonly figures: Figure[] = []
  readonly checks: RowCheck[] = []
  readonly notMeasured: NotMeasured[] = []
  readonly othersShares: number[] = []
  readonly #expected = new Map<string, Promise<Expected>>()

  constructor(mode: Mode, folder: string, changedSizes: Partial<Sizes> = {}) {
    this.mode = mode
    this.sizes = { ...sizes[mode], ...changedSizes }
    this.folder = folder
  }

  path({ kind, records }: Input): string {
    return inputFile(this.folder, kind, records)
  }

  scratchPath(name: string): string {
    return join(this.folder, name)
  }

  /** Calculated once for each input and its queries. Only what peers run too is calculated by all rules. */
  expected(input: Input, queries: MeasuredQueries): Promise<Expected> {
    const { partitions = 1 } = input
    const key = `${input.kind} ${input.records} ${queries}${partitions === 1 ? '' : `, ${partitions} partitions`}`
    let expected = this.#expected.get(key)
    if (expected === undefined) {
      const path = this.path(input)
      progress(`calculating the rows expected of ${key}`)
      expected = calculateExpected(
        path,
        measuredQueries[queries],
        input.kind === 'disordered' && queries === 'four' ? latenessRules : ['per-window'],
        partitions,
      )
      this.#expected.set(key, expected)
    }
    return expected
  }

  /** Holds rows against those expected; the report says what came of it. */
  check(title: string, input: Input, lateness: LatenessRule, found: ResultRows, expected: ResultRows): void {
    this.checks.push({ title, lateness, records: input.records, comparison: compareRows(found, expected) })
  }

  add(figure: Omit<Figure, 'value'>): void {
    this.figures.push({ ...figure, value: median(figure.samples) })
  }

  /** What was measured before. @throws Error when it was not */
  figure(id: string): Figure {
    const figure = this.figures.find((one) => one.id === id)
    if (figure === undefined) throw new Error(`figure ${id} is not measured yet`)
    return figure
  }

  has(id: string): boolean {
    return this.figures.some((one) => one.id === id)
  }
}
