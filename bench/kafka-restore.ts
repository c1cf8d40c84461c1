import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createAdmin } from '#dataplane/brokers/kafka/connection.ts'
import { ensureTopics } from '#dataplane/brokers/kafka/ensure-topics.ts'
import { topicsOfStream } from '#dataplane/brokers/kafka/kafka-broker.ts'
import { streamsOf } from '#language/plan/plan.ts'
import ticks from '../test/cluster/ticks/app.ts'
import { fillTopic } from '../test/support/fill-topic.ts'
import { PlatformProcess } from '../test/support/platform-process.ts'
import { startTestCluster } from '../test/support/test-cluster.ts'
import { configurationWith, TICKING, ticksTopicOf, untilCounted } from '../test/support/tick-topics.ts'
import { processCpuSeconds } from './measuring/busy-time.ts'

/**
 * How long an app that has read so many records needs to be back on a machine that has nothing of it. Records are written past ingest, some thousands in a message
 * batch, and read meanwhile. Prints a JSON line after each round: what is restored must not grow with the records, and after the last the time.
 *
 * node bench/kafka-restore.ts [--records 10000000] [--rounds 5] [--partitions 2] [--per-second 100]
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '5' },
    partitions: { type: 'string', default: '2' },
    'per-second': { type: 'string', default: '100' },
  },
})
const [records, rounds, partitions, perSecond] = [
  values.records,
  values.rounds,
  values.partitions,
  values['per-second'],
].map(Number) as [number, number, number, number]
const START_MS = Date.UTC(2024, 4, 1)
const SENSORS = ['north', 'south', 'east', 'west', 'roof']
const perRound = Math.ceil(records / rounds)

function* recordsOf(from: number, to: number): Iterable<{ partition: number; value: string }> {
  for (let id = from; id < to; id++) {
    const at = START_MS + Math.floor((id * 1000) / perSecond)
    const value = `{"id":${id},"at":${at},"sensor":"${SENSORS[id % SENSORS.length]}","value":${id % 100}}`
    yield { partition: Math.floor(id / 500) % partitions, value }
  }
}

const { bootstrapServers, file, stop } = await startServers()
const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-restore-'))
try {
  let platform = await start('first')
  for (let round = 1; round <= rounds; round++) {
    const begunMs = performance.now()
    const sent = Math.min(records, round * perRound)
    await fillTopic({ bootstrapServers }, ticksTopicOf(TICKING), recordsOf((round - 1) * perRound, sent))
    await untilCounted(platform, TICKING, sent)
    print({
      records: sent,
      recordsPerSecond: Math.round(perRound / secondsSince(begunMs)),
      restoredBytes: await restoredBytes(),
    })
  }
  await platform.kill()
  const begunMs = performance.now()
  platform = await start('second')
  const listensAfterSeconds = secondsSince(begunMs)
  await untilRunning(platform)
  const runsAfterSeconds = secondsSince(begunMs)
  await untilCounted(platform, TICKING, records)
  const restoredInSeconds = secondsSince(begunMs)
  // Of the whole process: what a busy machine does not stretch.
  const cpuSeconds = processCpuSeconds(platform.child.pid!)
  const seconds = { listensAfterSeconds, runsAfterSeconds, restoredInSeconds, cpuSeconds }
  print({ records, ...seconds, restoredBytes: await restoredBytes() })
  await platform.kill()
} finally {
  await stop()
  rmSync(folder, { recursive: true, force: true })
}

async function startServers() {
  const cluster = await startTestCluster({ servers: ['kafka'] })
  const { bootstrapServers } = cluster.addresses
  const [, { schema, eventTime }] = [...streamsOf(ticks.plan)][0]!
  const spec = { topic: ticksTopicOf(TICKING), schema, eventTime, partitions }
  await ensureTopics({ bootstrapServers }, topicsOfStream(spec, 1))
  const scratch = mkdtempSync(join(tmpdir(), 'mysimbdp-restore-'))
  const file = configurationWith(partitions, { app: TICKING, platformFile: cluster.platformFile, folder: scratch })
  const stop = async (): Promise<void> => {
    await cluster.stop(0)
    rmSync(scratch, { recursive: true, force: true })
  }
  return { bootstrapServers, file, stop }
}

function start(data: string): Promise<PlatformProcess> {
  return PlatformProcess.start(join(folder, data), [TICKING.folder], { args: ['--config', file] })
}

/** The one that was killed has the app until the group has missed it for some seconds; then this one fences it and restores. */
async function untilRunning(platform: PlatformProcess): Promise<void> {
  for (;;) {
    const { job } = await platform.getJson<{ job: { state: string } }>(`/v1/apps/${TICKING.app}`)
    if (job.state === 'running') return
    await delay(100)
  }
}

/** What the topics take that a restore reads: state and results. */
async function restoredBytes(): Promise<number> {
  const admin = createAdmin({ bootstrapServers })
  const names = [`${TICKING.app}_changelog`, ...ticks.plan.queries.map(({ name }) => `${TICKING.app}_${name}Stream`)]
  try {
    const brokers = await admin.describeLogDirs({ topics: names.map((name) => ({ name, partitions: [0] })) })
    return brokers
      .flatMap(({ results }) => results)
      .flatMap(({ topics }) => topics)
      .flatMap((topic) => topic.partitions)
      .reduce((sum, { partitionSize }) => sum + Number(partitionSize), 0)
  } finally {
    await admin.close()
  }
}

function secondsSince(begunMs: number): number {
  return Math.round((performance.now() - begunMs) / 100) / 10
}

function print(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}
