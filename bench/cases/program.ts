import type { BenchRun, Input } from '../bench-run.ts'
import type { LatenessRule } from '../expected/lateness.ts'
import { readRows } from '../expected/result-row.ts'
import { measureProcess, type ProcessMeasurement } from '../measuring/measured-process.ts'
import { progress } from '../measuring/progress.ts'
import { slope } from '../measuring/statistics.ts'
import type { MeasuredQueries } from '../workload/trip-apps.ts'

/** A program that reads a file of trips and writes result rows. */
export interface Program {
  /** Figures of it are called `{id}.cpu`, `{id}.total`, `{id}.rate` and `{id}.rss`. */
  readonly id: string
  readonly section: string
  readonly title: string
  readonly cores: number
  readonly queries: MeasuredQueries
  readonly lateness: LatenessRule
  command(input: string, rows: string): readonly [program: string, ...args: string[]]
  environment?(input: string, rows: string): Readonly<Record<string, string>>
}

/** One run for each size of input. */
export interface PairOfRuns {
  readonly small: ProcessMeasurement
  readonly large: ProcessMeasurement
}

export interface Sizing {
  readonly small: Input
  readonly large: Input
}

/** Runs a program over both inputs as often as the bench repeats things, and checks the rows of every run. */
export async function runProgram(bench: BenchRun, program: Program, { small, large }: Sizing): Promise<PairOfRuns[]> {
  const runs: PairOfRuns[] = []
  for (let repeat = 1; repeat <= bench.sizes.repeats; repeat++) {
    progress(`${program.section}: ${program.title}: run ${repeat} of ${bench.sizes.repeats}`)
    runs.push({ small: await runOnce(bench, program, small), large: await runOnce(bench, program, large) })
  }
  return runs
}

/** One run with its rows checked. */
export async function runOnce(bench: BenchRun, program: Program, input: Input): Promise<ProcessMeasurement> {
  const [path, rows] = [bench.path(input), bench.scratchPath('rows.ndjson')]
  const { lateness, queries, title, section, cores } = program
  const expected = await bench.expected(input, queries)
  const measured = await measureProcess({
    command: program.command(path, rows),
    cores,
    env: program.environment?.(path, rows) ?? {},
  })
  bench.othersShares.push(measured.othersShare)
  bench.check(`${section}: ${title}`, input, lateness, readRows(rows), expected.rows.get(lateness)!)
  return measured
}

const MILLION = 1e6

/** CPU seconds for a million records more, of each pair of runs. */
export const cpuSlopes = (runs: readonly PairOfRuns[], { small, large }: Sizing): readonly number[] =>
  runs.map(
    (run) =>
      MILLION *
      slope(
        { records: small.records, cost: run.small.cpuSeconds },
        { records: large.records, cost: run.large.cpuSeconds },
      ),
  )

const rates = (runs: readonly PairOfRuns[], { small, large }: Sizing): readonly number[] =>
  runs.map(
    (run) =>
      1 /
      slope(
        { records: small.records, cost: run.small.wallSeconds },
        { records: large.records, cost: run.large.wallSeconds },
      ),
  )

/** Measures a program over the dense load. In the quick bench inputs are too small to tell a record's cost from that of starting, so it measures both together. */
export async function measureProgram(bench: BenchRun, program: Program): Promise<void> {
  if (bench.mode === 'full') await measurePairs(bench, program)
  else addWholeRuns(bench, program, await runLarge(bench, program))
}

async function measurePairs(bench: BenchRun, program: Program): Promise<void> {
  const sizing = denseSizing(bench)
  const runs = await runProgram(bench, program, sizing)
  addCost(bench, program, runs, sizing)
  addWholeRuns(
    bench,
    program,
    runs.map(({ large }) => large),
  )
  addRate(bench, { ...program, title: `${program.title}: speed after start` }, runs, sizing)
}

/** How many times the large input: by then each thread has compiled what it needs, which may take it the large input itself. */
const LONG = 3

/** Adds `{id}.long.cpu` and `{id}.long.rate`: what the records behind the large input cost. */
export async function measureLongRun(bench: BenchRun, program: Program): Promise<void> {
  const { large } = denseSizing(bench)
  const sizing: Sizing = { small: large, large: { kind: 'disordered', records: LONG * large.records } }
  const title = `${program.title}, behind the first ${large.records.toLocaleString('en-US')}`
  const long = { id: `${program.id}.long`, section: program.section, title }
  const runs = await runProgram(bench, program, sizing)
  addCost(bench, long, runs, sizing)
  addRate(bench, { ...long, title: `${title}: speed` }, runs, sizing)
}

/** What a figure is called: ids of several begin with that of the program. */
type Named = Pick<Program, 'id' | 'section' | 'title'>

/** Adds `{id}.cpu`, by the slope. */
export function addCost(
  bench: BenchRun,
  { id, section, title }: Named,
  runs: readonly PairOfRuns[],
  sizing: Sizing,
): void {
  const cpu = { id: `${id}.cpu`, section, title: `${title}: CPU of a record`, unit: 'CPU-s/M' } as const
  bench.add({ ...cpu, better: 'lower', samples: cpuSlopes(runs, sizing) })
}

function addRate(bench: BenchRun, { id, section, title }: Named, runs: readonly PairOfRuns[], sizing: Sizing): void {
  const rate = { id: `${id}.rate`, section, title, unit: 'records/s' } as const
  bench.add({ ...rate, better: 'higher', samples: rates(runs, sizing) })
}

async function runLarge(bench: BenchRun, program: Program): Promise<ProcessMeasurement[]> {
  const runs: ProcessMeasurement[] = []
  progress(`${program.section}: ${program.title}`)
  for (let repeat = 0; repeat < bench.sizes.repeats; repeat++)
    runs.push(await runOnce(bench, program, denseSizing(bench).large))
  return runs
}

/** Of runs over the large input. */
function addWholeRuns(bench: BenchRun, { id, section, title }: Program, runs: readonly ProcessMeasurement[]): void {
  const cost = ({ cpuSeconds }: ProcessMeasurement): number => (cpuSeconds / bench.sizes.large) * MILLION
  const figure = { section, better: 'lower' } as const
  const total = { ...figure, id: `${id}.total`, title: `${title}: CPU with start`, unit: 'CPU-s/M' } as const
  const rss = { ...figure, id: `${id}.rss`, title: `${title}: peak memory`, unit: 'MB' } as const
  bench.add({ ...total, samples: runs.map(cost) })
  bench.add({ ...rss, samples: runs.map(({ peakRssMegabytes }) => peakRssMegabytes) })
}

/** Both sizes of the dense load. */
export const denseSizing = ({ sizes }: BenchRun): Sizing => ({
  small: { kind: 'disordered', records: sizes.small },
  large: { kind: 'disordered', records: sizes.large },
})

/** A figure that says how many times less a program takes than another one, or how many times faster it is: `of` divided by `by`, run by run, both measured before. */
export function addRatio(
  bench: BenchRun,
  ratio: { readonly id: string; readonly section: string; readonly title: string },
  of: string,
  by: string,
): void {
  const [dividends, divisors] = [bench.figure(of).samples, bench.figure(by).samples]
  bench.add({ ...ratio, unit: 'x', better: 'higher', samples: dividends.map((cost, i) => cost / divisors[i]!) })
}
