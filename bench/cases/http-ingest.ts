import { createReadStream, rmSync, statSync } from 'node:fs'
import type { BenchRun, Input } from '../bench-run.ts'
import { closedRows } from '../expected/closed-rows.ts'
import { progress } from '../measuring/progress.ts'
import { median } from '../measuring/statistics.ts'
import { MeasuredPlatform } from './measured-platform.ts'

const SECTION = 'HTTP: a load generator, the platform, log synced before each answer, four queries, results committed'
const TENANTS = 10
/** Of the input that comes before the measurement, so that all code is compiled. */
const WARM_UP_SHARE = 0.2

interface Load {
  /** Each gets the whole input. */
  readonly apps: readonly string[]
  readonly input: Input
}

interface Ingested {
  readonly cpuPerMillion: number
  readonly recordsPerSecond: number
  readonly peakRssMegabytes: number
}

/** One tenant, and ten who send a tenth each at once. */
export async function measureHttp(bench: BenchRun): Promise<void> {
  const { large, repeats } = bench.sizes
  const one: Load = { apps: ['tenant'], input: { kind: 'disordered', records: large } }
  const ten: Load = {
    apps: Array.from({ length: TENANTS }, (_, i) => `tenant_${i + 1}`),
    input: { kind: 'disordered', records: large / TENANTS },
  }
  const runs = { one: [] as Ingested[], ten: [] as Ingested[] }
  for (let repeat = 1; repeat <= repeats; repeat++) {
    progress(`HTTP: one tenant, then ten: run ${repeat} of ${repeats}`)
    runs.one.push(await ingest(bench, 'one tenant', one))
    runs.ten.push(await ingest(bench, 'ten tenants', ten))
  }
  addFigures(bench, runs.one, runs.ten)
}

function addFigures(bench: BenchRun, one: readonly Ingested[], ten: readonly Ingested[]): void {
  const costs = (runs: readonly Ingested[]): readonly number[] => runs.map(({ cpuPerMillion }) => cpuPerMillion)
  const section = { section: SECTION, better: 'lower' } as const
  const figure = (title: string, unit: 'CPU-s/M' | 'MB' | 'x') => ({ ...section, title, unit })
  bench.add({
    ...figure('one tenant: CPU of a record, platform alone', 'CPU-s/M'),
    id: 'http.cpu',
    samples: costs(one),
  })
  bench.add({
    id: 'http.rate',
    section: SECTION,
    title: 'one tenant: sent and in results, generator on the same cores',
    unit: 'records/s',
    better: 'higher',
    samples: one.map(({ recordsPerSecond }) => recordsPerSecond),
  })
  const rss = (runs: readonly Ingested[]): readonly number[] => runs.map(({ peakRssMegabytes }) => peakRssMegabytes)
  bench.add({ ...figure('one tenant: peak memory of the platform', 'MB'), id: 'http.rss', samples: rss(one) })
  bench.add({
    ...figure('ten tenants: peak memory of the platform', 'MB'),
    id: 'http.ten-tenants.rss',
    samples: rss(ten),
  })
  const ratio = costs(ten).map((cost) => cost / median(costs(one)))
  bench.add({
    ...figure('ten tenants: CPU of a record, as a multiple of one', 'x'),
    id: 'growth.tenants',
    samples: ratio,
  })
}

async function ingest(bench: BenchRun, title: string, { apps, input }: Load): Promise<Ingested> {
  const [data, file] = [bench.scratchPath('platform'), bench.path(input)]
  const platform = await MeasuredPlatform.start(data)
  try {
    for (const app of apps) await platform.deploy(app, 'four')
    const { bytes, records } = await warmUpPart(file, input.records)
    await platform.send(apps, file, 0, bytes)
    await platform.processed(apps, records)
    const [cpuBefore, startedMs] = [platform.cpuSeconds(), performance.now()]
    await platform.send(apps, file, bytes, statSync(file).size)
    await platform.processed(apps, input.records)
    const seconds = (performance.now() - startedMs) / 1000
    const measured = (input.records - records) * apps.length
    const cpuPerMillion = ((platform.cpuSeconds() - cpuBefore) / measured) * 1e6
    const peakRssMegabytes = platform.peakRssMegabytes()
    for (const app of apps) await checkRows(bench, `HTTP: ${title}: ${app}`, input, platform, app)
    return { cpuPerMillion, recordsPerSecond: measured / seconds, peakRssMegabytes }
  } finally {
    await platform.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

/** The first lines of the file. */
async function warmUpPart(
  file: string,
  records: number,
): Promise<{ readonly bytes: number; readonly records: number }> {
  const wanted = Math.round(records * WARM_UP_SHARE)
  let [lines, bytes] = [0, 0]
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1))
      if (++lines === wanted) return { bytes: bytes + at + 1, records: lines }
    bytes += chunk.length
  }
  throw new Error(`${file} has fewer than ${wanted} lines`)
}

/** A live platform has no row yet of windows that are open, in the queries that give them when they close. */
async function checkRows(
  bench: BenchRun,
  title: string,
  input: Input,
  platform: MeasuredPlatform,
  app: string,
): Promise<void> {
  const { rows, watermarkMs } = await bench.expected(input, 'four')
  const expected = closedRows(rows.get('per-window')!, 'four', watermarkMs)
  bench.check(title, input, 'per-window', await platform.rows(app, 'four'), expected)
}
