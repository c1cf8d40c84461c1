import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { ConnectClient } from '#services/connect/connect-client.ts'
import { until } from '../support/cassandra-bench.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { ticksOf } from '../support/tick-results.ts'
import {
  assertServed,
  assertTickTables,
  assertTickTopics,
  configurationWith,
  SPREAD_TICKING,
  untilCounted,
} from '../support/tick-topics.ts'

const KINDS = ['kafka', 'cassandra', 'connect'] as const
const RECORDS = 20_000
const PARTITIONS = 2
const APP = SPREAD_TICKING

/** Seven servers: takes two minutes on two free cores, half of it to start them. */
describe('three brokers, two workers of Connect, two nodes of Cassandra', { skip: await whyNoServers(KINDS) }, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: KINDS, brokers: 3, connectWorkers: 2, cassandraNodes: 2 })
  })

  /** Names of the workers that run something, by the port that Connect names them with. */
  async function busyWorkers(): Promise<ReadonlySet<string>> {
    const client = new ConnectClient({ url: cluster.addresses.connectUrls[0]! })
    const busy = new Set<string>()
    for (const name of await client.list())
      for (const { state, worker_id } of (await client.status(name))?.tasks ?? [])
        if (state === 'RUNNING') busy.add(worker_id)
    return busy
  }

  it('lose no record and no row when one of each is killed while records arrive; brokers and workers need not come back', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const configuration = configurationWith(PARTITIONS, { app: APP, platformFile: cluster.platformFile, folder })
      const platform = await PlatformProcess.start(join(folder, 'data'), [APP.folder], {
        args: ['--config', configuration],
      })
      test.after(() => platform.kill())
      const sent = ticksOf(RECORDS, 1)
      const input = join(folder, 'ticks.ndjson')
      writeFileSync(input, sent.map((tick) => `${JSON.stringify(tick)}\n`).join(''))
      const how = ['--url', platform.url, '--rate', '400/s', '--no-sort', '--allow-future', '--wait', '5 minutes']
      const emulator = new ProductProcess(['emulate', APP.folder, ...how, '--input', input])
      test.after(() => emulator.kill())

      await until('that both workers have tasks', async () => (await busyWorkers()).size === 2)
      await cluster.kill('kafka-2')
      await cluster.kill('connect-2')
      await cluster.kill('cassandra-2')
      assert.equal(await emulator.ended(), 0, emulator.said)
      // A keyspace with two copies writes and reads with both: rows wait for the node.
      await cluster.restart('cassandra-2')

      await untilCounted(platform, APP, RECORDS)
      const server = cluster.addresses.bootstrapServers[0]!
      const expected = await assertTickTopics(server, APP, sent, PARTITIONS, 'one of each was killed')
      await assertServed(platform, APP, expected, 'one of each was killed')
      await assertTickTables(cluster.addresses.cqlPort, APP, expected, 'one of each was killed')
      assert.equal((await busyWorkers()).size, 1)
    })
  })
})
