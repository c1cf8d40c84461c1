import { availableParallelism } from 'node:os'
import type { Figure } from '../../report/figure.ts'
import type { ClusterBench } from '../cluster-bench.ts'
import type { LoadRun } from './load-scenarios.ts'

type Scenario = 'slow' | 'fast'

const MILLION = 1e6
const MEGABYTE = 2 ** 20
/** A stage that falls behind the one before it by more is where records wait. */
const FALLS_BEHIND = 0.9
const ALL_BUSY = 0.9

const sections: Readonly<Record<Scenario, string>> = {
  slow: 'Load scenario 1 of the reference: ten records a second; producer, broker, platform, Connect, Cassandra',
  fast: 'Load scenario 2 of the reference: as fast as possible, the producer on the same cores',
}

const partitionsText = (partitions: number): string => (partitions === 1 ? 'one partition' : `${partitions} partitions`)

/** The rates of all stages side by side. */
export function addLoadFigures({ run }: ClusterBench, scenario: Scenario, partitions: number, load: LoadRun): void {
  const { records, secondsUntil, traffic } = load
  const add = (id: string, title: string, unit: Figure['unit'], value: number): void =>
    run.add({
      id: `kafka.load.${scenario}.${partitions}.${id}`,
      section: sections[scenario],
      title: `${partitionsText(partitions)}: ${title}`,
      unit,
      better: 'higher',
      samples: [value],
    })
  add('sent', 'sent and acknowledged', 'records/s', records / secondsUntil.sent)
  add('broker-in', 'broker in', 'records/s', traffic.recordsIn / secondsUntil.sent)
  add('broker-bytes-in', 'broker in', 'MB/s', traffic.bytesIn / MEGABYTE / secondsUntil.sent)
  add('broker-bytes-out', 'broker out to the platform', 'MB/s', traffic.bytesOut / MEGABYTE / secondsUntil.processed)
  add('processed', 'processed: in committed results', 'records/s', records / secondsUntil.processed)
  add('stored', 'stored: in Cassandra', 'records/s', records / secondsUntil.stored)
}

/** Says in words where records waited, and who took the cores. */
export function limitRemark({ records, secondsUntil, cpuSeconds, busySeconds }: LoadRun, partitions: number): string {
  const rates = [
    ['the producer with the broker', records / secondsUntil.sent],
    ['the platform', records / secondsUntil.processed],
    ['Connect with Cassandra', records / secondsUntil.stored],
  ] as const
  const behind = rates.findIndex(([, rate], i) => i > 0 && rate < rates[i - 1]![1] * FALLS_BEHIND)
  const [limiting] = rates[Math.max(behind, 0)]!
  const costs = Object.entries(cpuSeconds).map(([name, cpu]) => `${name} ${((cpu / records) * MILLION).toFixed(1)}`)
  const busy = busySeconds / (secondsUntil.stored * availableParallelism())
  return [
    `Load as fast as possible, ${partitionsText(partitions)}: the limit is ${limiting}`,
    busy >= ALL_BUSY ? ', as no core is free' : `, with ${Math.round((1 - busy) * 100)} % of the cores free`,
    `; CPU-s/M: ${costs.join(', ')}`,
  ].join('')
}
