import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Source } from '#dataplane/sources/source.ts'
import { systemClock } from '#foundation/time/clock.ts'
import type { App } from '#language/query/app.ts'
import { runBounded } from '#services/runs/bounded-run.ts'
import { embeddedPlatform } from '../src/wiring.ts'
import { writeRows } from './expected/result-row.ts'
import { runInMemory } from './jobs/in-memory-run.ts'
import { resultRows } from './jobs/job-rows.ts'
import { type MeasuredQueries, measuredQueries, STREAM, tripApp } from './workload/trip-apps.ts'

/**
 * One measured job in a process of its own, so that CPU time and memory are its alone:
 * `node bench/measured-job.ts in-memory|full-path <file> [--queries four|twenty|…] [--threads <n>] [--rows <file>]`. It prints a JSON line. `--rows` wants the result rows.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    queries: { type: 'string', default: 'four' },
    threads: { type: 'string', default: '1' },
    rows: { type: 'string' },
  },
})
const [kind, input] = positionals as ['full-path' | 'in-memory', string]
const app = tripApp('tenantstreamapp', measuredQueries[values.queries as MeasuredQueries])

async function fullPath(source: Source): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-'))
  try {
    const inputs = new Map([[STREAM, [source]]])
    const platform = embeddedPlatform
    const report = await runBounded({
      app,
      inputs,
      lateness: 'as-stream',
      folder,
      kept: false,
      platform,
      clock: systemClock,
    })
    if (values.rows !== undefined) writeStoredRows(app, folder, values.rows)
    return report.inputs[STREAM]!.read
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeStoredRows({ plan }: App, folder: string, path: string): void {
  const results = embeddedPlatform.openResults(folder)
  try {
    writeRows(
      path,
      resultRows(plan, (query) => results.rows(query)),
    )
  } finally {
    results.close()
  }
}

async function inMemory(source: Source): Promise<number> {
  const { records, rows } = await runInMemory(app, source, { threads: Number(values.threads) })
  const rowsOf = (query: string) => [...rows.get(query)!.values()].map((row) => ({ row }))
  if (values.rows !== undefined) writeRows(values.rows, resultRows(app.plan, rowsOf))
  return records
}

const source = await embeddedPlatform.openFile(input)
const startedMs = systemClock.monotonicMs()
const cpuBefore = process.cpuUsage()
const records = await { 'full-path': fullPath, 'in-memory': inMemory }[kind](source)
const { user, system } = process.cpuUsage(cpuBefore)
console.log(
  JSON.stringify({
    records,
    seconds: (systemClock.monotonicMs() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rssMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
)
