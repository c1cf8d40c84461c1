import type { Input } from '../../bench-run.ts'
import { closedRows } from '../../expected/closed-rows.ts'
import { queryOf, type ResultRows, windowStartOf } from '../../expected/result-row.ts'
import { progress } from '../../measuring/progress.ts'
import type { ClusterBench } from '../cluster-bench.ts'
import type { Engine } from '../engines/engine.ts'
import { flink } from '../engines/flink.ts'
import { kafkaStreams } from '../engines/kafka-streams.ts'
import { ownEngine } from '../engines/own-engine.ts'
import { sparkEngine } from '../engines/spark-engine.ts'
import { measureBacklog, runBacklog } from './backlog.ts'
import { measureLatency } from './latency.ts'

/** Engines beside ours. One more is an `Engine` of its own in a file beside theirs, and its name here. */
const peers: readonly Engine[] = [flink, kafkaStreams]
/** Measured only where it is named: a backlog takes it minutes. */
const onDemand: readonly Engine[] = [sparkEngine]

const SEVERAL = 2
const COUNTING_IN_WINDOWS = 'hotspotCommunityPickupWindow'

/** The peers that are wanted and installed, on the same topics as ours. */
export async function measurePeers(bench: ClusterBench): Promise<void> {
  const wanted = bench.sizes.peers ?? peers.map(({ id }) => id)
  const installed = [...peers, ...onDemand].filter((peer) => {
    if (!wanted.includes(peer.id)) return false
    const reason = peer.whyNot()
    if (reason !== null) bench.run.notMeasured.push({ title: peer.title, reason, failed: false })
    return reason === null
  })
  for (const peer of installed) await measureBacklog(bench, peer, 1, 1)
  for (const peer of installed) await measureLatency(bench, peer)
  await measureCounted(bench, [ownEngine, ...installed.filter((peer) => peer === kafkaStreams)])
}

/**
 * How many of the records that are not late are counted of a backlog on two partitions, by two threads. Where threads read partitions at their own pace, and the
 * windows know the fastest one alone, the records of the other are taken for late.
 */
async function measureCounted(bench: ClusterBench, engines: readonly Engine[]): Promise<void> {
  const section = `A backlog on ${SEVERAL} partitions: records that are counted in sliding windows, of those that are not late`
  const input: Input = { kind: 'disordered', records: bench.run.sizes.large, partitions: SEVERAL }
  const { rows, watermarkMs } = await bench.run.expected(input, 'four')
  for (const engine of engines) {
    progress(`${engine.id}: what is counted of a backlog on ${SEVERAL} partitions`)
    const expected = closedRows(rows.get(engine.lateness)!, 'four', watermarkMs - engine.closesWithinMs)
    if (countedIn(expected, expected) === 0) {
      bench.run.notMeasured.push({
        title: `${section}: ${engine.id}`,
        reason: 'too few records to close a window',
        failed: false,
      })
      continue
    }
    const found = (await runBacklog(bench, engine, input)).rows
    bench.run.add({
      id: `kafka.${engine.id}.counted`,
      section,
      title: engine.title.split(':')[0]!,
      unit: '%',
      better: 'higher',
      samples: [(countedIn(found, expected) / countedIn(expected, expected)) * 100],
    })
  }
}

/** How often records are counted in the sliding windows that these rows tell of. */
function countedIn(found: ResultRows, windows: ResultRows): number {
  const latestMs = Math.max(...[...windows.keys()].filter(isCounting).map(windowStartOf))
  return [...found]
    .filter(([key]) => isCounting(key) && windowStartOf(key) <= latestMs)
    .reduce((sum, [, [count]]) => sum + count!, 0)
}

const isCounting = (key: string): boolean => queryOf(key) === COUNTING_IN_WINDOWS
