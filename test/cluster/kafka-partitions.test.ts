import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { ensureTopics } from '#dataplane/brokers/kafka/ensure-topics.ts'
import { topicsOfStream } from '#dataplane/brokers/kafka/kafka-broker.ts'
import { streamsOf } from '#language/plan/plan.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { fillTopic } from '../support/fill-topic.ts'
import { PlatformProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { expectedTicks, type Tick, ticksOf } from '../support/tick-results.ts'
import {
  assertLate,
  assertServed,
  assertServedRows,
  assertTickTopics,
  configurationWith,
  QUIET_TICKING,
  TICKING,
  type TickApp,
  ticksTopicOf,
  untilCounted,
} from '../support/tick-topics.ts'
import ticks from './ticks/app.ts'

const PARTITIONS = 2
const RECORDS = 200_000
/** So many in a row go to one partition, so that both have the times of the whole day. */
const RUN = 500
const SEED = 1

/** Costs about a minute on two free cores, most of it two starts of the platform and Kafka's consumer. */
describe('two partitions of a topic', { skip: await whyNoServers(['kafka']) }, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka'] })
  })

  async function makeTopics(app: TickApp): Promise<void> {
    const [, { schema, eventTime }] = [...streamsOf(ticks.plan)][0]!
    const spec = { topic: ticksTopicOf(app), schema, eventTime, partitions: PARTITIONS }
    await ensureTopics(cluster.addresses, topicsOfStream(spec, 1))
  }

  it('have a backlog that is counted to the last record, or listed as late, by each partition’s own watermark; also by an instance that has nothing but the topics', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const { bootstrapServers } = cluster.addresses
      const sent = ticksOf(RECORDS, SEED)
      await makeTopics(TICKING)
      const placed = sent.map((tick, i) => ({
        partition: Math.floor(i / RUN) % PARTITIONS,
        value: JSON.stringify(tick),
      }))
      await fillTopic({ bootstrapServers }, ticksTopicOf(TICKING), placed)

      const file = configurationWith(PARTITIONS, { app: TICKING, platformFile: cluster.platformFile, folder })
      const begunMs = performance.now()
      const start = (data: string): Promise<PlatformProcess> =>
        PlatformProcess.start(join(folder, data), [TICKING.folder], { args: ['--config', file] })
      const platform = await start('data')
      test.after(() => platform.kill())
      await untilCounted(platform, TICKING, RECORDS)
      const seconds = ((performance.now() - begunMs) / 1000).toFixed(1)
      const expected = await assertTickTopics(bootstrapServers[0]!, TICKING, sent, PARTITIONS, 'after the backlog')
      assert.ok(expected.late.get('minutes')! > 0 && expected.late.get('hours')! > 0)
      await assertServed(platform, TICKING, expected, 'after the backlog')
      await platform.kill()

      const other = await start('elsewhere')
      test.after(() => other.kill())
      await untilCounted(other, TICKING, RECORDS)
      await assertServed(other, TICKING, expected, 'of an instance without files')
      test.diagnostic(
        `${RECORDS} records of ${PARTITIONS} partitions were counted ${seconds} s after the start of the platform`,
      )
    })
  })

  it('hold nothing back when one of them never gets a record, and is marked as idle; a record that comes there then is late by the mark', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const ticks = ticksOf(3000, SEED)
      await makeTopics(QUIET_TICKING)
      const write = (partition: number, some: readonly Tick[]): Promise<void> =>
        fillTopic(
          cluster.addresses,
          ticksTopicOf(QUIET_TICKING),
          some.map((tick) => ({ partition, value: JSON.stringify(tick) })),
        )
      await write(0, ticks)
      const file = configurationWith(PARTITIONS, { app: QUIET_TICKING, platformFile: cluster.platformFile, folder })
      const args = ['--config', file]
      const platform = await PlatformProcess.start(join(folder, 'data'), [QUIET_TICKING.folder], { args })
      test.after(() => platform.kill())
      // As if the other partition did not exist: every window that partition 0 has passed is out.
      const alone = ticks.map((tick, offset) => ({ ...tick, partition: 0, offset }))
      await assertServedRows(platform, QUIET_TICKING, expectedTicks(alone, 1), 'with one partition idle')

      await write(1, [ticks[0]!])
      await untilCounted(platform, QUIET_TICKING, ticks.length + 1)
      // The hour is still open, the minute is not.
      const { late } = expectedTicks([...alone, { ...alone[0]!, offset: alone.length }], 1)
      await assertLate(platform, QUIET_TICKING, late, 'behind the mark')
    })
  })
})
