import type { Input } from '../../bench-run.ts'
import { closedRows } from '../../expected/closed-rows.ts'
import { queryOf, type ResultRows, windowStartOf } from '../../expected/result-row.ts'
import { systemBusySeconds } from '../../measuring/busy-time.ts'
import { describeMachine } from '../../measuring/machine.ts'
import { machineMs } from '../../measuring/machine-clock.ts'
import { peakRssOf } from '../../measuring/measured-process.ts'
import { progress } from '../../measuring/progress.ts'
import { slope } from '../../measuring/statistics.ts'
import { fourQueries } from '../../workload/trip-queries.ts'
import type { ClusterBench } from '../cluster-bench.ts'
import { cpuSecondsOf, type Engine, type RunningEngine, sumOf } from '../engines/engine.ts'
import { ownEngine } from '../engines/own-engine.ts'
import { CountingFollower, readResultRows, type WrittenRows } from '../result-topics.ts'

const MILLION = 1e6
const BACKLOG_SECONDS_MAX = 400

/** What an engine took to get through a backlog, from its start until a committed result counted the last record. */
export interface BacklogRun extends WrittenRows {
  readonly records: number
  readonly cpuSeconds: number
  readonly brokerCpuSeconds: number
  readonly wallSeconds: number
  readonly peakRssMegabytes: number
}

export const appOfBacklog = ({ partitions, records }: Input): string => `backlog${partitions}of${records}`

/** The dense trips in topics of some partitions, through our platform. */
export async function measureOwnBacklog(bench: ClusterBench): Promise<void> {
  const { repeats } = bench.run.sizes
  for (const partitions of bench.sizes.partitions) await measureBacklog(bench, ownEngine, partitions, repeats)
}

/**
 * Runs an engine over backlogs of two sizes some times, checks all rows and adds its figures. The quick bench runs the large one
 * alone, as its inputs are too small to tell a record's cost from that of starting.
 */
export async function measureBacklog(
  bench: ClusterBench,
  engine: Engine,
  partitions: number,
  repeats: number,
): Promise<void> {
  const { mode, sizes } = bench.run
  const runs = { small: [] as BacklogRun[], large: [] as BacklogRun[] }
  for (let repeat = 1; repeat <= repeats; repeat++) {
    progress(`${engine.id}: backlog on ${partitions} partitions: run ${repeat} of ${repeats}`)
    for (const size of mode === 'full' ? (['small', 'large'] as const) : (['large'] as const))
      runs[size].push(await checkedBacklog(bench, engine, { kind: 'disordered', records: sizes[size], partitions }))
  }
  addWholeRuns(bench, engine, partitions, runs.large)
  if (mode === 'full') addSlopes(bench, engine, partitions, runs)
}

async function checkedBacklog(bench: ClusterBench, engine: Engine, input: Input): Promise<BacklogRun> {
  const measured = await runBacklog(bench, engine, input)
  const { rows, watermarkMs } = await bench.run.expected(input, 'four')
  const closed = closedRows(rows.get(engine.lateness)!, 'four', watermarkMs)
  const due = rowsDue(closed, measured.rows, watermarkMs - engine.closesWithinMs)
  bench.run.check(`${engine.title}, ${input.partitions} partitions`, input, engine.lateness, measured.rows, due)
  if (measured.appendedAgain > 0)
    throw new Error(`${engine.id} wrote ${measured.appendedAgain} rows of append queries more than once`)
  return measured
}

/** Rows of windows that closed before a moment, and of those that closed later the ones that are there. */
function rowsDue(closed: ResultRows, found: ResultRows, closedByMs: number): ResultRows {
  const sizes = new Map(
    fourQueries.map(({ name, window, mode }) => [
      name,
      mode === 'append' && window.kind === 'sliding' ? window.sizeMs : null,
    ]),
  )
  const isDue = (key: string): boolean => {
    const size = sizes.get(queryOf(key)) ?? null
    return size === null || windowStartOf(key) + size <= closedByMs
  }
  return new Map([...closed].filter(([key]) => found.has(key) || isDue(key)))
}

/** An engine through a backlog, unchecked. */
export async function runBacklog(bench: ClusterBench, engine: Engine, input: Input): Promise<BacklogRun> {
  const { partitions = 1, records } = input
  const app = appOfBacklog(input)
  const inputTopic = await bench.filledTopic(app, input)
  await bench.forgetResults(app)
  const [startedMs, busyBefore, brokerBefore] = [machineMs(), systemBusySeconds(), bench.cpuSecondsOf('kafka-1')]
  const ownBefore = process.cpuUsage()
  const running = await engine.start({ bench, app, inputTopic, partitions, purpose: 'backlog' })
  try {
    const endedMs = await whenCounted(bench, running, records)
    const [cpuSeconds, wallSeconds] = [cpuSecondsOf(running), (endedMs - startedMs) / 1000]
    const brokerCpuSeconds = bench.cpuSecondsOf('kafka-1') - brokerBefore
    const { user, system } = process.cpuUsage(ownBefore)
    const others = systemBusySeconds() - busyBefore - cpuSeconds - brokerCpuSeconds - (user + system) / 1e6
    bench.run.othersShares.push(Math.max(0, others / (wallSeconds * describeMachine().cores)))
    const peakRssMegabytes = sumOf(running.pids, peakRssOf)
    const written = await readResultRows(bench.connection, running.results, engine.quietMs)
    return { records, cpuSeconds, brokerCpuSeconds, wallSeconds, peakRssMegabytes, ...written }
  } finally {
    await running.stop()
  }
}

async function whenCounted(bench: ClusterBench, running: RunningEngine, records: number): Promise<number> {
  const follower = await CountingFollower.open(bench.connection, running.results[0]!)
  const deadlineMs = machineMs() + BACKLOG_SECONDS_MAX * 1000
  const giveUp = (): string | null =>
    running.whyEnded() ?? (machineMs() > deadlineMs ? `${BACKLOG_SECONDS_MAX} s have passed` : null)
  try {
    return await follower.reached(records, giveUp)
  } finally {
    await follower.close()
  }
}

const figureOf = (engine: Engine, partitions: number, name: string, title: string) => ({
  id: `kafka.${engine.id}.backlog.${partitions}.${name}`,
  section: `Backlog on Kafka, exactly once, rows checked: ${engine.title}`,
  title: `${partitions === 1 ? 'one partition' : `${partitions} partitions`}: ${title}`,
})

function addWholeRuns({ run }: ClusterBench, engine: Engine, partitions: number, whole: readonly BacklogRun[]): void {
  const cost = whole.map(({ cpuSeconds, records }) => (cpuSeconds / records) * MILLION)
  const total = figureOf(engine, partitions, 'total', 'CPU with start')
  run.add({ ...total, unit: 'CPU-s/M', better: 'lower', samples: cost })
  const rss = figureOf(engine, partitions, 'rss', 'peak memory')
  run.add({ ...rss, unit: 'MB', better: 'lower', samples: whole.map(({ peakRssMegabytes }) => peakRssMegabytes) })
}

/** Of what came between the small size and the large one. */
function addSlopes(
  { run }: ClusterBench,
  engine: Engine,
  partitions: number,
  { small, large }: { readonly small: readonly BacklogRun[]; readonly large: readonly BacklogRun[] },
): void {
  const slopes = (costOf: (run: BacklogRun) => number): readonly number[] =>
    large.map((one, i) =>
      slope({ records: small[i]!.records, cost: costOf(small[i]!) }, { records: one.records, cost: costOf(one) }),
    )
  const addCost = (name: string, title: string, costOf: (run: BacklogRun) => number): void => {
    const samples = slopes(costOf).map((cost) => cost * MILLION)
    run.add({ ...figureOf(engine, partitions, name, title), unit: 'CPU-s/M', better: 'lower', samples })
  }
  addCost('cpu', 'CPU of a record', ({ cpuSeconds }) => cpuSeconds)
  addCost('broker', 'CPU of a record in the broker', ({ brokerCpuSeconds }) => brokerCpuSeconds)
  const rate = figureOf(engine, partitions, 'rate', 'speed after start')
  const samples = slopes(({ wallSeconds }) => wallSeconds).map((seconds) => 1 / seconds)
  run.add({ ...rate, unit: 'records/s', better: 'higher', samples })
}
