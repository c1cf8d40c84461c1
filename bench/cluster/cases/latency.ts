import { machineMs } from '../../measuring/machine-clock.ts'
import { progress } from '../../measuring/progress.ts'
import { type Percentiles, percentilesOf } from '../../measuring/statistics.ts'
import type { ClusterBench } from '../cluster-bench.ts'
import { cpuSecondsOf, type Engine, type RunningEngine } from '../engines/engine.ts'
import { ownEngine } from '../engines/own-engine.ts'
import { CountingFollower } from '../result-topics.ts'
import { paceOf, type Sent, sendPaced } from '../sender.ts'

const RECORDS_PER_SECOND = 10_000
const QUICK_WARM_UP_SECONDS = 3
const CATCH_UP_SECONDS_MAX = 60
const MILLION = 1e6

export const measureOwnLatency = (bench: ClusterBench): Promise<void> => measureLatency(bench, ownEngine)

/**
 * How long a record takes from when it is due at a producer, which sends to the topic and knows no engine, until a read_committed consumer has the result that counts
 * it. What a producer that was held up adds is in it.
 */
export async function measureLatency(bench: ClusterBench, engine: Engine): Promise<void> {
  const { measuredSeconds } = bench.sizes
  const { steadyRecordsPerSecond: recordsPerSecond = RECORDS_PER_SECOND } = engine
  const warmUpSeconds = bench.run.mode === 'full' ? engine.warmUpSeconds : QUICK_WARM_UP_SECONDS
  progress(`${engine.id}: latency at ${recordsPerSecond} records/s, ${warmUpSeconds + measuredSeconds} s`)
  const app = `latency${engine.id.replaceAll('-', '')}`
  const inputTopic = await bench.createInputTopic(app, 1)
  const running = await engine.start({ bench, app, inputTopic, partitions: 1, purpose: 'latency' })
  const follower = await CountingFollower.open(bench.connection, running.results[0]!)
  try {
    const cpuBefore = cpuSecondsOf(running)
    const sent = await sendPaced({
      bootstrapServer: bench.bootstrapServer,
      topic: inputTopic,
      recordsPerSecond,
      seconds: warmUpSeconds + measuredSeconds,
    })
    await untilAllIsCounted(follower, running, sent)
    const cpuSeconds = cpuSecondsOf(running) - cpuBefore
    const latencies = latenciesOf(sent, recordsPerSecond, follower, warmUpSeconds)
    addFigures(bench, engine, latencies, (cpuSeconds / sent.records) * MILLION)
  } finally {
    await follower.close()
    await running.stop()
    await bench.forgetResults(app)
    await bench.forgetInput(app)
  }
}

async function untilAllIsCounted(follower: CountingFollower, running: RunningEngine, sent: Sent): Promise<void> {
  const deadlineMs = machineMs() + CATCH_UP_SECONDS_MAX * 1000
  const tooLate = (): string | null =>
    machineMs() > deadlineMs ? `${CATCH_UP_SECONDS_MAX} s have passed since the last one was sent` : null
  await follower.reached(sent.records, () => running.whyEnded() ?? tooLate())
}

/** Of requests behind the warm-up; of the records of a request the last one counts. */
function latenciesOf(
  sent: Sent,
  recordsPerSecond: number,
  follower: CountingFollower,
  warmUpSeconds: number,
): Percentiles {
  const { recordsInRequest, everyMs } = paceOf(recordsPerSecond)
  const latencies: number[] = []
  for (let request = Math.ceil((warmUpSeconds * 1000) / everyMs); request * recordsInRequest < sent.records; request++)
    latencies.push(follower.seenAtMs((request + 1) * recordsInRequest) - (sent.startedMs + request * everyMs))
  return percentilesOf(latencies)
}

function addFigures(
  { run }: ClusterBench,
  { id, title, steadyRecordsPerSecond = RECORDS_PER_SECOND }: Engine,
  { p50, p99, p999 }: Percentiles,
  cpuPerMillion: number,
): void {
  const section = `Latency on Kafka at ${steadyRecordsPerSecond.toLocaleString('en-US')} records/s, from when a record was due until a read_committed consumer has the result`
  const add = (name: string, what: string, unit: 'ms' | 'CPU-s/M', value: number): void =>
    run.add({
      id: `kafka.${id}.latency.${name}`,
      section,
      title: `${title.split(':')[0]}: ${what}`,
      unit,
      better: 'lower',
      samples: [value],
    })
  add('p50', 'p50', 'ms', p50)
  add('p99', 'p99', 'ms', p99)
  add('p999', 'p99.9', 'ms', p999)
  add('cpu', 'CPU of a record at that rate', 'CPU-s/M', cpuPerMillion)
}
