import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BenchRun } from '../bench-run.ts'
import type { LatencyReport } from '../latency/measure-latency.ts'
import { measureProcess } from '../measuring/measured-process.ts'
import { progress } from '../measuring/progress.ts'

const SECTION = 'Latency: a steady rate over HTTP, to a follower that sees the record counted'
const program = fileURLToPath(new URL('../latency/run.ts', import.meta.url))

const percentiles = ['p50', 'p99', 'p999'] as const

export async function measureLatencies(bench: BenchRun): Promise<void> {
  progress('latency at steady rates')
  const json = bench.scratchPath('latency.json')
  await measureProcess({ command: [process.execPath, program, '--json', json], cores: 2 })
  for (const atRate of JSON.parse(readFileSync(json, 'utf8')) as readonly LatencyReport[]) addFigures(bench, atRate)
}

function addFigures(
  bench: BenchRun,
  { recordsPerSecond, appendToCommitted, arrivalToCommitted, cpuShare, peakRssMegabytes }: LatencyReport,
): void {
  const rate = recordsPerSecond.toLocaleString('en-US')
  const add = (id: string, title: string, unit: 'ms' | '%' | 'MB', value: number): void =>
    bench.add({
      id: `latency.${recordsPerSecond}.${id}`,
      section: SECTION,
      title: `${rate}/s: ${title}`,
      unit,
      better: 'lower',
      samples: [value],
    })
  for (const name of percentiles)
    add(`committed.${name}`, `from the answer to a committed result, ${name}`, 'ms', appendToCommitted[name])
  for (const name of percentiles)
    add(`arrival.${name}`, `from when it was due to a committed result, ${name}`, 'ms', arrivalToCommitted[name])
  add('cpu', 'CPU of the platform, of all cores', '%', cpuShare * 100)
  add('rss', 'peak memory of the platform', 'MB', peakRssMegabytes)
}
