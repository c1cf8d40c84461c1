import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { BenchRun } from './bench-run.ts'
import { chosenCases } from './chosen-cases.ts'
import { measureOwnBacklog } from './cluster/cases/backlog.ts'
import { measureOwnLatency } from './cluster/cases/latency.ts'
import { measureLoadScenarios } from './cluster/cases/load-scenarios.ts'
import { measurePeers } from './cluster/cases/peers.ts'
import { ClusterBench, type ClusterSizes } from './cluster/cluster-bench.ts'
import { measureYardstick } from './cluster/yardstick.ts'
import { othersShareNow } from './measuring/busy-time.ts'
import { commitName, describeMachine } from './measuring/machine.ts'
import { canPin } from './measuring/measured-process.ts'
import { progress } from './measuring/progress.ts'
import { median } from './measuring/statistics.ts'
import type { Mode, Report } from './report/figure.ts'
import { isGood, reportText } from './report/report-text.ts'

const USAGE = `npm run bench:cluster -- [options]: measures the platform on Kafka, Kafka Connect and Cassandra beside its peers; exit code 1 where a target is missed

  --quick              small inputs, one partition, bounds that only a gross regression misses; under two minutes
  --only <case,…>      some of: backlog, latency, peers, load (DuckDB, by which machines are compared, is always measured)
  --records <n>        of the large backlog (default: 800,000); a fifth of it is the small one
  --repeats <n>        runs over each of our backlogs (default: 2); peers run once
  --partitions <n,…>   of topics (default: 1,2,4)
  --peers <name,…>     of the case peers: spark (our platform with Spark as its engine; only where it is named), flink, kafka-streams
                       (default: those that bench/peers/install.sh installed)
  --json <file>        writes everything`

const cases: Readonly<
  Record<string, { readonly run: (bench: ClusterBench) => Promise<void>; readonly quick: boolean }>
> = {
  backlog: { run: measureOwnBacklog, quick: true },
  latency: { run: measureOwnLatency, quick: true },
  peers: { run: measurePeers, quick: false },
  // Last, as it starts servers that would take their share from the others.
  load: { run: measureLoadScenarios, quick: false },
}

const runSizes = {
  full: { small: 160_000, large: 800_000, repeats: 2 },
  quick: { small: 20_000, large: 100_000, repeats: 1 },
} as const

const clusterSizes: Readonly<Record<Mode, Omit<ClusterSizes, 'peers'>>> = {
  full: { partitions: [1, 2, 4], measuredSeconds: 20, slowSeconds: 30, fastRecords: 1_000_000 },
  quick: { partitions: [1], measuredSeconds: 5, slowSeconds: 5, fastRecords: 50_000 },
}

// As bin/mysimbdp.js has it: programs start as a user's second start does.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/mysimbdp')

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    records: { type: 'string' },
    repeats: { type: 'string' },
    partitions: { type: 'string' },
    peers: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** While nothing of the bench runs. */
const OBSERVED_MS = 2000
const SMALL_SHARE = 0.2

function benchRun(mode: Mode, folder: string): BenchRun {
  const { records, repeats } = values
  return new BenchRun(mode, folder, {
    ...runSizes[mode],
    ...(records !== undefined && { large: Number(records), small: Number(records) * SMALL_SHARE }),
    ...(repeats !== undefined && { repeats: Number(repeats) }),
  })
}

function chosenSizes(mode: Mode): ClusterSizes {
  const { partitions = clusterSizes[mode].partitions.join(','), peers } = values
  return { ...clusterSizes[mode], partitions: partitions.split(',').map(Number), peers: peers?.split(',') ?? null }
}

async function measureAll(folder: string): Promise<Report> {
  const mode = values.quick ? 'quick' : 'full'
  const chosen = chosenCases(cases, mode, values.only)
  const [run, startedAt, machine] = [benchRun(mode, folder), new Date().toISOString(), describeMachine()]
  progress('what other programs take of this machine')
  const atStart = await othersShareNow(OBSERVED_MS)
  await measureYardstick(run)
  const bench = await ClusterBench.start(run, chosenSizes(mode))
  for (const name of chosen) await measureCase(bench, name)
  progress('ending the servers')
  await bench.stop()
  const { figures, checks, notMeasured } = run
  const othersShare = { atStart, during: median(run.othersShares) }
  const [commit, records, { remarks }] = [commitName(), run.sizes.large, bench]
  return {
    machine,
    commit,
    startedAt,
    mode,
    records,
    pinned: canPin,
    othersShare,
    figures,
    checks,
    notMeasured,
    remarks,
  }
}

/** A case that fails takes nothing from what the others found. */
async function measureCase(bench: ClusterBench, name: string): Promise<void> {
  try {
    await cases[name]!.run(bench)
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    progress(`${name} FAILED: ${reason.split('\n')[0]}`)
    bench.run.notMeasured.push({ title: name, reason, failed: true })
  }
}

function write(report: Report, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`)
}

if (values.help) console.log(USAGE)
else {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-cluster-'))
  // Servers and their folder go likewise, also when the bench is cut off.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const report = await measureAll(folder)
  if (values.json !== undefined) write(report, values.json)
  console.log(reportText(report))
  process.exitCode = isGood(report) ? 0 : 1
}
