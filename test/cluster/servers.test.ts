import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

describe('a cluster of one broker', { skip: await whyNoServers(['kafka']) }, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka'] })
  })

  it('is ready when it was started', async () => {
    const [broker] = await cluster.status()
    assert.equal(broker!.state, 'ready')
    assert.equal(broker!.address, cluster.addresses.bootstrapServers[0])
  })

  it('comes back after it was killed', async () => {
    const pidOf = async (): Promise<number | null> => (await cluster.status())[0]!.pid
    const first = await pidOf()
    await cluster.kill('kafka-1')
    assert.equal(await pidOf(), null)
    await cluster.restart('kafka-1')
    const second = await pidOf()
    assert.ok(second !== null && second !== first)
  })

  it('shows its figures to Prometheus under the usual names', async () => {
    const text = await (await fetch(cluster.addresses.metricsUrls['kafka-1']!)).text()
    assert.match(text, /^kafka_controller_kafkacontroller_activecontrollercount 1/m)
  })
})
