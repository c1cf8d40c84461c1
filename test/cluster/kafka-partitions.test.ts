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
import { ticksOf } from '../support/tick-results.ts'
import {
  assertServed,
  assertTickTopics,
  configurationWith,
  TICKING,
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
describe('a backlog on two partitions', { skip: await whyNoServers(['kafka']) }, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka'] })
  })

  it('is counted to the last record, or listed as late, by each partition’s own watermark; also by an instance that has nothing but the topics', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const { bootstrapServers } = cluster.addresses
      const sent = ticksOf(RECORDS, SEED)
      const [, { schema, eventTime }] = [...streamsOf(ticks.plan)][0]!
      const spec = { topic: ticksTopicOf(TICKING), schema, eventTime, partitions: PARTITIONS }
      await ensureTopics({ bootstrapServers }, topicsOfStream(spec, 1))
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
})
