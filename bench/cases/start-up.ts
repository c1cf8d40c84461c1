import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchRun, Input } from '../bench-run.ts'
import { queryOf } from '../expected/result-row.ts'
import { measureProcess } from '../measuring/measured-process.ts'
import { progress } from '../measuring/progress.ts'
import { median } from '../measuring/statistics.ts'
import type { MeasuredQueries } from '../workload/trip-apps.ts'
import { MeasuredPlatform } from './measured-platform.ts'

const SECTION = 'Starting'
const APP = 'tenant'
const FEW: Input = { kind: 'sparse', records: 100 }
/** What is sent to a platform whose log is to be small. */
const SMALL_LOG_RECORDS = 20_000
const GIGABYTE = 2 ** 30

export async function measureStartUp(bench: BenchRun): Promise<void> {
  await measureFirstResult(bench)
  if (bench.mode === 'quick') return
  const small = await measureStart(
    bench,
    'a small log',
    'start.small-log',
    fillBySending('four', 'disordered', SMALL_LOG_RECORDS),
  )
  const bytes = bench.sizes.largeLogBytes
  const size = `a log of ${(bytes / GIGABYTE).toFixed(bytes < GIGABYTE ? 2 : 0)} GB`
  const large = await measureStart(bench, size, 'start.large-log', growLog(bytes))
  bench.add({
    id: 'start.large-log.ratio',
    section: SECTION,
    title: `platform on ${size}: times as long as on a small one`,
    unit: 'x',
    better: 'lower',
    samples: large.map((seconds) => seconds / median(small)),
  })
  const state = fillBySending('tenfold-windows', 'many-keys', bench.sizes.small)
  await measureStart(bench, 'large state', 'start.large-state', state)
}

/** From starting the process to its end, over an input of 100 records. */
async function measureFirstResult(bench: BenchRun): Promise<void> {
  progress('starting: the first result')
  const [input, out] = [bench.path(FEW), bench.scratchPath('first-result.json')]
  const run = ['run', 'examples/chicago-taxi', '--input', `ingestData=${input}`, '--format', 'json', '--out', out]
  const samples: number[] = []
  for (let repeat = 0; repeat < bench.sizes.repeats; repeat++) {
    const { wallSeconds } = await measureProcess({ command: [process.execPath, 'bin/mysimbdp.js', ...run], cores: 2 })
    samples.push(wallSeconds)
  }
  const title = 'process to the results of 100 records'
  bench.add({ id: 'start.first-result', section: SECTION, title, unit: 's', better: 'lower', samples })
}

/** Fills a data folder that no platform runs on. Answers how many records are in it. */
type Fill = (bench: BenchRun, data: string) => Promise<number>

/** From starting a platform on a folder until its job stands at the end of the log, where it stood before. */
async function measureStart(bench: BenchRun, title: string, id: string, fill: Fill): Promise<readonly number[]> {
  const data = bench.scratchPath('started')
  try {
    progress(`starting: filling ${title}`)
    const records = await fill(bench, data)
    const samples: number[] = []
    for (let repeat = 1; repeat <= bench.sizes.repeats; repeat++) {
      progress(`starting: on ${title}: run ${repeat} of ${bench.sizes.repeats}`)
      const startedMs = performance.now()
      await onPlatform(data, async (platform) => {
        await platform.processed([APP], records)
        samples.push((performance.now() - startedMs) / 1000)
      })
    }
    bench.add({
      id,
      section: SECTION,
      title: `platform on ${title}, ${records.toLocaleString('en-US')} records`,
      unit: 's',
      better: 'lower',
      samples,
    })
    return samples
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function onPlatform(data: string, work: (platform: MeasuredPlatform) => Promise<void>): Promise<void> {
  const platform = await MeasuredPlatform.start(data)
  try {
    await work(platform)
  } finally {
    await platform.stop()
  }
}

const fillBySending =
  (queries: MeasuredQueries, kind: Input['kind'], records: number): Fill =>
  async (bench, data) => {
    await onPlatform(data, async (platform) => {
      await platform.deploy(APP, queries)
      await platform.send([APP], bench.path({ kind, records }), 0, Number.MAX_SAFE_INTEGER)
      await platform.processed([APP], records)
    })
    return records
  }

/** A log that was written at once, and then read by the job to its end. */
const growLog =
  (bytes: number): Fill =>
  async (bench, data) => {
    await onPlatform(data, (platform) => platform.deploy(APP, 'four'))
    const input = bench.path({ kind: 'disordered', records: bench.sizes.small })
    const command = ['bench/jobs/grow-log.ts', APP, join(data, 'apps', APP), String(bytes), input]
    const { output } = await measureProcess({ command: [process.execPath, ...command], cores: 2 })
    const records = Number(output)
    progress(`starting: the job reads ${records.toLocaleString('en-US')} records`)
    await onPlatform(data, async (platform) => {
      await platform.processed([APP], records)
      await requireCounted(platform, records)
    })
    return records
  }

/** The trips of a log that was filled are too many for the calculation, so it is only seen that each was counted in its day. */
async function requireCounted(platform: MeasuredPlatform, records: number): Promise<void> {
  const rows = await platform.rows(APP, 'four')
  const counts = [...rows].filter(([key]) => queryOf(key) === 'tripsTotal').map(([, [count]]) => count!)
  const counted = counts.reduce((sum, count) => sum + count, 0)
  if (counted !== records) throw new Error(`${counted} of ${records} records are counted in a day`)
}
