import type { BenchRun } from '../bench-run.ts'
import { fullPath, inMemory } from './product-programs.ts'
import { addCost, addRatio, measureLongRun, measureProgram, type Program, runProgram, type Sizing } from './program.ts'

const IN_MEMORY = 'In memory: decoding and four queries'
const FULL_PATH = 'Full path: file, log that is synced, four queries, committed results, exactly once'

export async function measureInMemory(bench: BenchRun): Promise<void> {
  const oneCore = inMemory({ id: 'in-memory.one-core', section: IN_MEMORY, title: 'one core', cores: 1 })
  await measureProgram(bench, oneCore)
  compareWithDuckDb(bench, oneCore)
  if (bench.mode === 'quick') return
  const twoCores = inMemory({ id: 'in-memory.two-cores', section: IN_MEMORY, title: 'two cores', cores: 2 })
  await measureProgram(bench, twoCores)
  for (const program of [oneCore, twoCores]) compareSpeedWithDuckDb(bench, program)
  for (const program of [oneCore, twoCores]) await measureLongRun(bench, program)
  await measureDisorder(bench)
}

/** By the cost of a record, or with starting where that is all that is known. */
function compareWithDuckDb(bench: BenchRun, { id, section, title }: Program): void {
  const cost = bench.mode === 'full' ? 'cpu' : 'total'
  const what = `${title}: times less CPU than DuckDB${bench.mode === 'full' ? '' : ', with start'}`
  addRatio(bench, { id: `${id}.${cost}-ratio`, section, title: what }, `duckdb.one-core.${cost}`, `${id}.${cost}`)
}

/** What lateness by record costs: the same trips in the order of their event times, none of which can be late. */
async function measureDisorder(bench: BenchRun): Promise<void> {
  const sizing: Sizing = {
    small: { kind: 'ordered', records: bench.sizes.small },
    large: { kind: 'ordered', records: bench.sizes.large },
  }
  const title = 'one core, no record can be late'
  const ordered = inMemory({ id: 'in-memory.ordered', section: IN_MEMORY, title, cores: 1 })
  addCost(bench, ordered, await runProgram(bench, ordered, sizing), sizing)
}

/** Wall time against wall time, on as many cores. */
function compareSpeedWithDuckDb(bench: BenchRun, { id, section, title, cores }: Program): void {
  const ratio = { id: `${id}.rate-ratio`, section, title: `${title}: times the speed of DuckDB` }
  addRatio(bench, ratio, `${id}.rate`, `duckdb.${cores === 1 ? 'one-core' : 'two-cores'}.rate`)
}

export async function measureFullPath(bench: BenchRun): Promise<void> {
  const oneCore = fullPath({ id: 'full-path.one-core', section: FULL_PATH, title: 'one core', cores: 1 })
  await measureProgram(bench, oneCore)
  compareWithDuckDb(bench, oneCore)
  if (bench.mode === 'quick') return
  const twoCores = fullPath({ id: 'full-path.two-cores', section: FULL_PATH, title: 'two cores', cores: 2 })
  await measureProgram(bench, twoCores)
  for (const program of [oneCore, twoCores]) compareSpeedWithDuckDb(bench, program)
}
