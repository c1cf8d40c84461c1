import type { BenchRun } from '../bench-run.ts'
import { median } from '../measuring/statistics.ts'
import type { InputKind } from '../workload/inputs.ts'
import type { MeasuredQueries } from '../workload/trip-apps.ts'
import { fullPath } from './product-programs.ts'
import { cpuSlopes, runProgram, type Sizing } from './program.ts'

const SECTION = 'Growth: CPU of a record on the full path, as a multiple of the base case'

interface GrowthCase {
  readonly id: string
  readonly title: string
  readonly kind?: InputKind
  readonly queries?: MeasuredQueries
}

const cases: readonly GrowthCase[] = [
  { id: 'growth.keys', title: '100 times the group keys', kind: 'many-keys' },
  { id: 'growth.windows', title: '10 times the open windows', queries: 'tenfold-windows' },
  { id: 'growth.queries', title: '20 queries instead of 4', queries: 'twenty' },
]

const sizing = (kind: InputKind, small: number, large: number): Sizing => ({
  small: { kind, records: small },
  large: { kind, records: large },
})

/**
 * The base case ends at half of the large input, so that "ten times the records" has its second half: a record there costs what one costs early in the input, or
 * it does not. Smaller inputs would measure how the program is compiled.
 */
export async function measureGrowth(bench: BenchRun): Promise<void> {
  const { small, large } = bench.sizes
  const base = sizing('disordered', small, large / 2)
  const program = (title: string, queries: MeasuredQueries = 'four') =>
    fullPath({ id: 'growth', section: SECTION, title, cores: 1, queries })
  const baseCost = median(cpuSlopes(await runProgram(bench, program('base case'), base), base))
  const add = (id: string, title: string, costs: readonly number[]): void =>
    bench.add({ id, section: SECTION, title, unit: 'x', better: 'lower', samples: costs.map((one) => one / baseCost) })
  const tenfold = sizing('disordered', large / 2, large)
  const title = `at ${large / small} times the records`
  add('growth.records', title, cpuSlopes(await runProgram(bench, program(title), tenfold), tenfold))
  for (const { id, title, kind = 'disordered', queries } of cases) {
    const { small, large } = base
    const caseSizing = sizing(kind, small.records, large.records)
    add(id, title, cpuSlopes(await runProgram(bench, program(title, queries), caseSizing), caseSizing))
  }
}
