import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { assertRows, EXAMPLE, lastWatermark, taxiDay } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const KINDS = ['kafka', 'cassandra', 'connect'] as const

describe('an app on Kafka whose results are served from Cassandra', { skip: await whyNoServers(KINDS) }, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: KINDS })
  })

  it('has the rows of a run there, also when Cassandra was killed while they came', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = taxiDay(folder)
      const wanted = runAsStream(EXAMPLE, [file], folder)
      const platform = await PlatformProcess.start(join(folder, 'data'), [EXAMPLE], {
        args: ['--config', cluster.platformFile],
      })
      test.after(() => platform.kill())
      const emulator = new ProductProcess([
        ...['emulate', EXAMPLE, '--url', platform.url, '--rate', '1000/s', '--input', file],
      ])
      test.after(() => emulator.kill())
      await cluster.restart('cassandra-1')
      await emulator.ended()
      const watermarkMs = await lastWatermark(platform.url, wanted, 'from Cassandra')
      await assertRows(platform.url, wanted, watermarkMs, 'from Cassandra')
    })
  })
})
