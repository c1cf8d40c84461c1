import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { BenchRun } from './bench-run.ts'
import { measureGrowth } from './cases/growth.ts'
import { measureHttp } from './cases/http-ingest.ts'
import { measureLatencies } from './cases/latency.ts'
import { measurePeakDay } from './cases/peak-day.ts'
import { measureDuckDb, measureStreamingPeers } from './cases/peers.ts'
import { measureStartUp } from './cases/start-up.ts'
import { measureFullPath, measureInMemory } from './cases/throughput.ts'
import { chosenCases } from './chosen-cases.ts'
import { othersShareNow } from './measuring/busy-time.ts'
import { commitName, describeMachine, machineName } from './measuring/machine.ts'
import { canPin } from './measuring/measured-process.ts'
import { progress } from './measuring/progress.ts'
import { median } from './measuring/statistics.ts'
import type { Mode, Report } from './report/figure.ts'
import { isGood, reportText } from './report/report-text.ts'

const USAGE = `npm run bench -- [options]: measures the product and its peers, and ends with exit code 1 where a target is missed

  --quick              small inputs, and bounds that only a gross regression misses; under a minute
  --only <case,…>      some of: in-memory, full-path, http, latency, growth, peak-day, start-up, peers (DuckDB is always measured)
  --records <n>        of the large input (default: 2,000,000, for which targets are right); a tenth of it is the small one
  --repeats <n>        runs of each program (default: 3)
  --log-bytes <n>      size of the large log that a platform is started on (default: 10 GB)
  --json <file>        writes everything
  --baseline           writes the same to bench/baselines/<machine>.json
  --folder <folder>    where inputs are written and kept for the next time (default: a new one that goes away)`

const cases: Readonly<Record<string, { readonly run: (bench: BenchRun) => Promise<void>; readonly quick: boolean }>> = {
  'in-memory': { run: measureInMemory, quick: true },
  'full-path': { run: measureFullPath, quick: true },
  http: { run: measureHttp, quick: false },
  latency: { run: measureLatencies, quick: false },
  growth: { run: measureGrowth, quick: false },
  'peak-day': { run: measurePeakDay, quick: false },
  'start-up': { run: measureStartUp, quick: true },
  peers: { run: measureStreamingPeers, quick: false },
}

// As bin/mysimbdp.js has it: programs start as a user's second start does.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/mysimbdp')

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    records: { type: 'string' },
    repeats: { type: 'string' },
    'log-bytes': { type: 'string' },
    json: { type: 'string' },
    baseline: { type: 'boolean', default: false },
    folder: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** While nothing of the bench runs. */
const OBSERVED_MS = 2000

function benchRun(mode: Mode, folder: string): BenchRun {
  const { records, repeats, 'log-bytes': largeLogBytes } = values
  return new BenchRun(mode, folder, {
    ...(records !== undefined && { large: Number(records), small: Number(records) / 10 }),
    ...(repeats !== undefined && { repeats: Number(repeats) }),
    ...(largeLogBytes !== undefined && { largeLogBytes: Number(largeLogBytes) }),
  })
}

async function measureAll(folder: string): Promise<Report> {
  const mode = values.quick ? 'quick' : 'full'
  const chosen = chosenCases(cases, mode, values.only)
  const [bench, startedAt, machine] = [benchRun(mode, folder), new Date().toISOString(), describeMachine()]
  progress('what other programs take of this machine')
  const atStart = await othersShareNow(OBSERVED_MS)
  await measureDuckDb(bench)
  for (const name of chosen) await measureCase(bench, name)
  const { figures, checks, notMeasured } = bench
  const othersShare = { atStart, during: median(bench.othersShares) }
  const [commit, records] = [commitName(), bench.sizes.large]
  return { machine, commit, startedAt, mode, records, pinned: canPin, othersShare, figures, checks, notMeasured }
}

/** A case that fails takes nothing from what the others found. */
async function measureCase(bench: BenchRun, name: string): Promise<void> {
  try {
    await cases[name]!.run(bench)
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    bench.notMeasured.push({ title: name, reason, failed: true })
  }
}

function write(report: Report): void {
  const paths = [values.json, values.baseline ? `bench/baselines/${machineName(report.machine)}.json` : undefined]
  for (const path of paths.filter((one) => one !== undefined)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`)
  }
}

if (values.help) console.log(USAGE)
else {
  const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'mysimbdp-bench-'))
  try {
    const report = await measureAll(folder)
    write(report)
    console.log(reportText(report))
    process.exitCode = isGood(report) ? 0 : 1
  } finally {
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
  }
}
