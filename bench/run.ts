import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import taxi from '../examples/chicago-taxi/app.ts'

/** `npm run bench [-- --quick] [--json <file>]`: the main job over generated trips. CPU seconds per million records hold on a noisy machine; wall figures need an idle one. */
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } })

interface Measured {
  readonly name: string
  readonly records: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly rssMegabytes: number
}

const RUNS = values.quick ? 1 : 3
const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-'))

function writeTrips(name: string, records: number): string {
  const path = join(folder, name)
  const sample = taxi.streams.ingestData!.sample!
  const lines: string[] = []
  for (const line of sample.generate({ ...sample.defaults, records, faults: 0 })) lines.push(line)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

/** The run with the median CPU time. */
function measure(name: string, kind: string, input: string): Measured {
  const runs = Array.from(
    { length: RUNS },
    () =>
      JSON.parse(execFileSync(process.execPath, ['bench/measured-job.ts', kind, input], { encoding: 'utf8' })) as Omit<
        Measured,
        'name'
      >,
  )
  return { name, ...runs.sort((a, b) => a.cpuSeconds - b.cpuSeconds)[Math.floor(RUNS / 2)]! }
}

/** Seconds from starting the process to its end, over an input of 100 records. */
function startUp(input: string): number {
  const times = Array.from({ length: RUNS }, () => {
    const started = process.hrtime.bigint()
    execFileSync(
      process.execPath,
      [
        'bin/mysimbdp.js',
        'run',
        'examples/chicago-taxi',
        '--input',
        `ingestData=${input}`,
        '--format',
        'json',
        '--out',
        join(folder, 'out.json'),
      ],
      { stdio: 'ignore' },
    )
    return Number(process.hrtime.bigint() - started) / 1e9
  })
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)]!
}

try {
  const day = writeTrips('day.ndjson', 54_000)
  const peak = values.quick ? null : writeTrips('peak.ndjson', 150_000)
  const measured = [
    measure('decode + four queries, in memory, 54,000 trips', 'in-memory', day),
    measure('full path (log synced, results committed), 54,000 trips', 'full-path', day),
    ...(peak === null
      ? []
      : [
          measure('decode + four queries, in memory, 150,000 trips', 'in-memory', peak),
          measure('full path, 150,000 trips (peak day)', 'full-path', peak),
        ]),
  ]
  const startUpSeconds = startUp(writeTrips('few.ndjson', 100))
  report(measured, startUpSeconds)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function report(measured: readonly Measured[], startUpSeconds: number): void {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0]!,
    node: process.version,
  }
  console.log(
    `${machine.cores} x ${machine.cpu}, ${machine.memoryGigabytes} GiB, Node ${machine.node}, load ${machine.load.toFixed(1)}, median of ${RUNS}\n`,
  )
  console.log(`${'job'.padEnd(58)} ${'records/s'.padStart(11)} ${'CPU s per M'.padStart(12)} ${'RSS MB'.padStart(8)}`)
  for (const { name, records, seconds, cpuSeconds, rssMegabytes } of measured) {
    const rate = Math.round(records / seconds).toLocaleString('en-US')
    console.log(
      `${name.padEnd(58)} ${rate.padStart(11)} ${((cpuSeconds / records) * 1e6).toFixed(2).padStart(12)} ${rssMegabytes.toFixed(0).padStart(8)}`,
    )
  }
  console.log(`\nprocess start to results of 100 records: ${startUpSeconds.toFixed(2)} s`)
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine, measured, startUpSeconds }, null, 2)}\n`)
}
