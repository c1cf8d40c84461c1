import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CountFollower } from '../../test/support/count-follower.ts'
import { PlatformProcess } from '../../test/support/platform-process.ts'
import { type Percentiles, percentilesOf } from '../measuring/statistics.ts'
import { type SentBody, sendPaced } from './paced-load.ts'

export interface LatencyOptions {
  readonly recordsPerSecond: number
  /** Measured, after a start that is not. */
  readonly seconds: number
}

export interface LatencyReport {
  readonly recordsPerSecond: number
  /** From the answer that a record is in the log, synced, to a follower that sees it counted in a committed result. */
  readonly appendToCommitted: Percentiles
  /** The same from when the record was due at the load generator. */
  readonly arrivalToCommitted: Percentiles
  /** From when it was due to that answer. */
  readonly arrivalToAnswered: Percentiles
  /** CPU of the platform, as a share of all cores, and for each record. */
  readonly cpuShare: number
  readonly cpuMicrosecondsPerRecord: number
  readonly peakRssMegabytes: number
}

const EXAMPLE = 'examples/chicago-taxi'
const APP = 'tenantstreamapp'
const WARM_UP_SECONDS = 5

/**
 * The four queries of the example on a platform of its own, at a steady load over HTTP. A record's time begins when it is due by the schedule, so a
 * sender that is kept waiting hides nothing; it ends in another process, with the event that shows the result.
 */
export async function measureLatency({ recordsPerSecond, seconds }: LatencyOptions): Promise<LatencyReport> {
  const data = mkdtempSync(join(tmpdir(), 'mysimbdp-latency-'))
  const platform = await PlatformProcess.start(data, [EXAMPLE])
  try {
    const url = `${platform.url}/v1/apps/${APP}`
    const follower = await CountFollower.open(`${url}/queries/tripsTotal/live`, 'trips_total')
    const send = (secondsLong: number) =>
      sendPaced({ url: `${url}/streams/ingestData/records`, recordsPerSecond, seconds: secondsLong })
    const before = countOf(await send(WARM_UP_SECONDS))
    await follower.reached(before)
    const { pid } = platform.child
    const [cpuBefore, startedMs] = [cpuSeconds(pid!), performance.now()]
    const sent = await send(seconds)
    const [cpu, elapsedMs] = [cpuSeconds(pid!) - cpuBefore, performance.now() - startedMs]
    await follower.reached(before + countOf(sent))
    const peakRssMegabytes = peakRss(pid!)
    follower.close()
    return {
      recordsPerSecond,
      ...latencies(sent, before, follower),
      cpuShare: cpu / ((elapsedMs / 1000) * availableParallelism()),
      cpuMicrosecondsPerRecord: (cpu * 1e6) / countOf(sent),
      peakRssMegabytes,
    }
  } finally {
    await platform.kill('SIGTERM')
    rmSync(data, { recursive: true, force: true })
  }
}

const countOf = (bodies: readonly SentBody[]): number => bodies.reduce((sum, { records }) => sum + records, 0)

/**
 * A body counts as seen when so many records are as were sent up to it: bodies that overtake each other on their way change places, which are 5 ms
 * apart. All bodies have the same number of records, so percentiles over bodies are those over records; of a body the last one counts.
 */
function latencies(
  sent: readonly SentBody[],
  before: number,
  follower: CountFollower,
): Pick<LatencyReport, 'appendToCommitted' | 'arrivalToCommitted' | 'arrivalToAnswered'> {
  const seenMs = sent.map(({ records }, i) => follower.seenAtMs(before + (i + 1) * records))
  return {
    // An answer may take longer on its way than the result.
    appendToCommitted: percentilesOf(sent.map(({ answeredMs }, i) => Math.max(0, seenMs[i]! - answeredMs))),
    arrivalToCommitted: percentilesOf(sent.map(({ dueMs }, i) => seenMs[i]! - dueMs)),
    arrivalToAnswered: percentilesOf(sent.map(({ dueMs, answeredMs }) => answeredMs - dueMs)),
  }
}

/** User and system time of a process; Linux counts it in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const peakRss = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
