import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { consumeLines, createTopic, produceLines } from '../support/kafka-tools.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

describe('three brokers', { skip: await whyNoServers(['kafka']) }, () => {
  let cluster: RunningCluster
  let bootstrapServers: readonly string[]
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka'], brokers: 3 })
    bootstrapServers = cluster.addresses.bootstrapServers
  })

  it('take records, and keep those they have, while one of them is gone', async () => {
    await createTopic(bootstrapServers, 'kept', 3)
    await produceLines(bootstrapServers, 'kept', ['before'])
    await cluster.kill('kafka-2')
    await produceLines(bootstrapServers, 'kept', ['while it is gone'])
    const lines = await consumeLines(bootstrapServers, 'kept', 2)
    assert.deepEqual([...lines].sort(), ['before', 'while it is gone'])
  })

  it('are three again when it comes back', async () => {
    await cluster.restart('kafka-2')
    const states = (await cluster.status()).filter(({ kind }) => kind === 'kafka').map(({ state }) => state)
    assert.deepEqual(states, ['ready', 'ready', 'ready'])
    await cluster.kill('kafka-1')
    assert.deepEqual([...(await consumeLines(bootstrapServers, 'kept', 2))].sort(), ['before', 'while it is gone'])
  })
})
