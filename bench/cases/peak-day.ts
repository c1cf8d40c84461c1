import type { BenchRun, Input } from '../bench-run.ts'
import { progress } from '../measuring/progress.ts'
import { fullPath } from './product-programs.ts'
import { runOnce } from './program.ts'

const SECTION = "Peak day: the reference system's busiest one, spread over its 24 hours"

/** Few records for each window, so most of the work is rows: what a day costs as a whole, starting included. */
export async function measurePeakDay(bench: BenchRun): Promise<void> {
  const input: Input = { kind: 'sparse', records: bench.sizes.peakDay }
  const title = `${input.records.toLocaleString('en-US')} trips through the full path`
  const program = fullPath({ id: 'peak-day', section: SECTION, title, cores: 2 })
  const runs = []
  for (let repeat = 1; repeat <= bench.sizes.repeats; repeat++) {
    progress(`peak day: run ${repeat} of ${bench.sizes.repeats}`)
    runs.push(await runOnce(bench, program, input))
  }
  const figure = { section: SECTION, better: 'lower' } as const
  const samples = {
    cpu: runs.map(({ cpuSeconds }) => cpuSeconds),
    seconds: runs.map(({ wallSeconds }) => wallSeconds),
    rss: runs.map(({ peakRssMegabytes }) => peakRssMegabytes),
  }
  bench.add({ ...figure, id: 'peak-day.cpu', title: `${title}: CPU`, unit: 's', samples: samples.cpu })
  bench.add({
    ...figure,
    id: 'peak-day.seconds',
    title: `${title}: from start to end`,
    unit: 's',
    samples: samples.seconds,
  })
  bench.add({ ...figure, id: 'peak-day.rss', title: `${title}: peak memory`, unit: 'MB', samples: samples.rss })
}
