import { setTimeout as delay } from 'node:timers/promises'
import type { PlatformProcess } from '../../../test/support/platform-process.ts'
import type { Input } from '../../bench-run.ts'
import { servedRows } from '../../cases/measured-platform.ts'
import { closedRows } from '../../expected/closed-rows.ts'
import { compareRows, isExact } from '../../expected/compare-rows.ts'
import { processCpuSeconds, systemBusySeconds } from '../../measuring/busy-time.ts'
import { machineMs } from '../../measuring/machine-clock.ts'
import { progress } from '../../measuring/progress.ts'
import { type TopicTraffic, topicTraffic, trafficBetween } from '../broker-figures.ts'
import type { ClusterBench } from '../cluster-bench.ts'
import { ownResultTopics, startPlatform } from '../engines/own-engine.ts'
import { COUNTING_QUERY, CountingFollower } from '../result-topics.ts'
import { sendFile } from '../sender.ts'
import { addLoadFigures, limitRemark } from './load-report.ts'

const SLOW_RECORDS_PER_SECOND = 10
const POLL_MS = 100
const STORED_SECONDS_MAX = 240
/** Rows of other queries than the counting one reach their tables by connectors of their own. */
const ROWS_SECONDS_MAX = 60

/** What came through each stage, and what it took of the machine. */
export interface LoadRun {
  readonly records: number
  readonly traffic: TopicTraffic
  /** From the first record on, until all are acknowledged by the broker, counted in a committed result, counted in Cassandra. */
  readonly secondsUntil: { readonly sent: number; readonly processed: number; readonly stored: number }
  /** Until all is stored. */
  readonly cpuSeconds: Readonly<Record<'producer' | 'broker' | 'platform' | 'Connect' | 'Cassandra', number>>
  /** Of all programs of the machine, all cores together, meanwhile. */
  readonly busySeconds: number
}

interface Load {
  readonly bench: ClusterBench
  readonly platform: PlatformProcess
  readonly app: string
  readonly input: Input
  readonly recordsPerSecond?: number
}

/**
 * The two load tests of the reference system: ten records a second, and as fast as possible, past the platform into the topic; read by the platform's job, and written to
 * Cassandra by Kafka Connect.
 */
export async function measureLoadScenarios(bench: ClusterBench): Promise<void> {
  await bench.require(['kafka', 'connect', 'cassandra'])
  for (const partitions of bench.sizes.partitions) {
    await withPlatform(bench, `slow${partitions}`, slowInput(bench, partitions), measureSlow)
    await withPlatform(bench, `fast${partitions}`, fastInput(bench, partitions), measureFast)
  }
}

/** A platform for each: a keyspace belongs to one tenant. */
async function withPlatform(
  bench: ClusterBench,
  app: string,
  input: Input,
  measure: (load: Load) => Promise<void>,
): Promise<void> {
  await bench.createInputTopic(app, input.partitions!)
  const platform = await startPlatform({ bench, app, partitions: input.partitions! }, `bench_${app}`)
  try {
    await measure({ bench, platform, app, input })
  } finally {
    await platform.kill('SIGTERM')
  }
}

/** As long as the reference's test on the first number of partitions; on the others it only shows that nothing changes. */
function slowInput({ sizes }: ClusterBench, partitions: number): Input {
  const seconds = partitions === sizes.partitions[0] ? sizes.slowSeconds : sizes.slowSeconds / 3
  return { kind: 'disordered', records: SLOW_RECORDS_PER_SECOND * seconds, partitions }
}

const fastInput = ({ sizes }: ClusterBench, partitions: number): Input => ({
  kind: 'disordered',
  records: sizes.fastRecords,
  partitions,
})

async function measureSlow(load: Load): Promise<void> {
  progress(`load: ${SLOW_RECORDS_PER_SECOND} records/s on ${load.input.partitions} partitions`)
  const run = await runLoad({ ...load, recordsPerSecond: SLOW_RECORDS_PER_SECOND })
  addLoadFigures(load.bench, 'slow', load.input.partitions!, run)
}

async function measureFast(load: Load): Promise<void> {
  const { bench, platform, app, input } = load
  progress(`load: as fast as possible on ${input.partitions} partitions`)
  const run = await runLoad(load)
  addLoadFigures(bench, 'fast', input.partitions!, run)
  bench.remarks.push(limitRemark(run, input.partitions!))
  await checkStoredRows(bench, platform, app, input)
}

async function runLoad({ bench, platform, app, input, recordsPerSecond }: Load): Promise<LoadRun> {
  const { records, partitions = 1 } = input
  const file = bench.run.path(input)
  const topic = await bench.createInputTopic(app, partitions)
  const follower = await CountingFollower.open(bench.connection, ownResultTopics(app)[0]!)
  try {
    const [trafficBefore, cpuBefore] = [await topicTraffic(bench.metricsUrl, topic), cpuOf(bench, platform)]
    const busyBefore = systemBusySeconds()
    const storing = whenStored(platform, app, records)
    const paced = recordsPerSecond === undefined ? {} : { recordsPerSecond }
    const sent = await sendFile({ bootstrapServer: bench.bootstrapServer, topic, file, partitions, ...paced })
    const processedMs = await follower.reached(records, () => (platform.hasEnded ? platform.said : null))
    const storedMs = await storing
    const [cpu, busySeconds] = [cpuOf(bench, platform), systemBusySeconds() - busyBefore]
    const traffic = trafficBetween(trafficBefore, await topicTraffic(bench.metricsUrl, topic))
    const since = (ms: number): number => (ms - sent.startedMs) / 1000
    const took = (server: keyof typeof cpu): number => cpu[server] - cpuBefore[server]
    return {
      records,
      traffic,
      secondsUntil: { sent: since(sent.endedMs), processed: since(processedMs), stored: since(storedMs) },
      cpuSeconds: {
        producer: sent.process.cpuSeconds,
        broker: took('broker'),
        platform: took('platform'),
        Connect: took('Connect'),
        Cassandra: took('Cassandra'),
      },
      busySeconds,
    }
  } finally {
    await follower.close()
  }
}

const cpuOf = (bench: ClusterBench, platform: PlatformProcess) => ({
  broker: bench.cpuSecondsOf('kafka-1'),
  platform: processCpuSeconds(platform.child.pid!),
  Connect: bench.cpuSecondsOf('connect-1'),
  Cassandra: bench.cpuSecondsOf('cassandra-1'),
})

/** Looks into Cassandra, by the platform's API, until all records are counted there. */
async function whenStored(platform: PlatformProcess, app: string, records: number): Promise<number> {
  let stored = 0
  for (const deadlineMs = machineMs() + STORED_SECONDS_MAX * 1000; machineMs() < deadlineMs; await delay(POLL_MS)) {
    const rows = await servedRows(platform.url, app, 'four', COUNTING_QUERY)
    stored = [...rows.values()].reduce((sum, [count]) => sum + count!, 0)
    if (stored >= records) return machineMs()
  }
  throw new Error(`${stored} of ${records} records are counted in Cassandra after ${STORED_SECONDS_MAX} s`)
}

async function checkStoredRows(
  { run }: ClusterBench,
  platform: PlatformProcess,
  app: string,
  input: Input,
): Promise<void> {
  const { rows, watermarkMs } = await run.expected(input, 'four')
  const expected = closedRows(rows.get('per-window')!, 'four', watermarkMs)
  const deadlineMs = machineMs() + ROWS_SECONDS_MAX * 1000
  for (;;) {
    const found = await servedRows(platform.url, app, 'four')
    if (!isExact(compareRows(found, expected)) && machineMs() < deadlineMs) {
      await delay(POLL_MS)
      continue
    }
    run.check(`in Cassandra, ${input.partitions} partitions`, input, 'per-window', found, expected)
    return
  }
}
