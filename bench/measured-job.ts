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

/** In memory: of the run nothing but results is kept, so that it has neither log nor state. */
async function run(source: Source): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-'))
  try {
    const report = await runBounded({
      app,
      inputs: new Map([[STREAM, [source]]]),
      lateness: 'as-stream',
      folder,
      kept: kind === 'full-path',
      platform: embeddedPlatform,
      clock: systemClock,
      workingThreads: Number(values.threads),
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

const source = await embeddedPlatform.openFile(input)
const startedMs = systemClock.monotonicMs()
const cpuBefore = process.cpuUsage()
const records = await run(source)
const { user, system } = process.cpuUsage(cpuBefore)
console.log(
  JSON.stringify({
    records,
    seconds: (systemClock.monotonicMs() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rssMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
)
