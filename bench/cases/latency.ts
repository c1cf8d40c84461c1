import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BenchRun } from '../bench-run.ts'
import { measureProcess } from '../measuring/measured-process.ts'
import { progress } from '../measuring/progress.ts'

const SECTION = "Latency at a steady rate over HTTP; a record's time begins when it was due"
const program = fileURLToPath(new URL('../latency/run.ts', import.meta.url))

/** What `bench/latency/run.ts --json <file>` writes: an entry for each rate. Times in ms. */
interface LatencyAtRate {
  readonly recordsPerSecond: number
  /** From the append to the log until a result that counts the record is committed. */
  readonly appendToCommitted: Percentiles
  /** From when the record was due at the load generator. */
  readonly arrivalToCommitted: Percentiles
  /** CPU of the platform, as a share of all cores. */
  readonly cpuShare: number
  readonly peakRssMegabytes: number
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

const percentiles = ['p50', 'p99', 'p999'] as const

export async function measureLatencies(bench: BenchRun): Promise<void> {
  if (!existsSync(program)) {
    bench.notMeasured.push({ title: 'latency', reason: 'bench/latency/run.ts is not there', failed: false })
    return
  }
  progress('latency at steady rates')
  const json = bench.scratchPath('latency.json')
  await measureProcess({ command: [process.execPath, program, '--json', json], cores: 2 })
  for (const atRate of JSON.parse(readFileSync(json, 'utf8')) as readonly LatencyAtRate[]) addFigures(bench, atRate)
}

function addFigures(
  bench: BenchRun,
  { recordsPerSecond, appendToCommitted, arrivalToCommitted, cpuShare, peakRssMegabytes }: LatencyAtRate,
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
    add(`committed.${name}`, `append to committed, ${name}`, 'ms', appendToCommitted[name])
  for (const name of percentiles)
    add(`arrival.${name}`, `arrival to committed, ${name}`, 'ms', arrivalToCommitted[name])
  add('cpu', 'CPU of the platform, of all cores', '%', cpuShare * 100)
  add('rss', 'peak memory of the platform', 'MB', peakRssMegabytes)
}
