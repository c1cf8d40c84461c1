import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import { addressesOf } from './cluster-addresses.ts'
import { deleteCluster, openLayout, readLayout } from './cluster-folder.ts'
import { serversOf } from './servers.ts'

describe('the layout of a cluster', () => {
  it('has the usual ports, each server its own', () =>
    withScratchFolder(async (folder) => {
      const layout = await openLayout(folder, { brokers: 3, cassandraNodes: 2, connectWorkers: 2 })
      const { bootstrapServers, connectUrls, contactPoints, cqlPort } = addressesOf(layout)
      assert.deepEqual(bootstrapServers, ['127.0.0.1:27092', '127.0.0.1:27192', '127.0.0.1:27292'])
      assert.deepEqual(connectUrls, ['http://127.0.0.1:27083', 'http://127.0.0.1:27183'])
      assert.deepEqual([contactPoints, cqlPort], [['127.0.0.1', '127.0.0.2'], 27042])
      const listens = serversOf(layout, folder).flatMap((server) => server.listens)
      const places = listens.map(({ host, port }) => `${host}:${port}`)
      assert.equal(new Set(places).size, places.length)
    }))

  it('stays what it was when nothing is said', () =>
    withScratchFolder(async (folder) => {
      const first = await openLayout(folder, { brokers: 3, ports: 'free' })
      assert.deepEqual(await openLayout(folder, {}), first)
      assert.deepEqual(await openLayout(folder, { brokers: 3, ports: 'usual' }), first)
      assert.deepEqual(readLayout(folder), first)
    }))

  it('is refused when another was made in the folder', () =>
    withScratchFolder(async (folder) => {
      await openLayout(folder, {})
      await assert.rejects(openLayout(folder, { brokers: 3 }), {
        code: 'MSB_CLUSTER_DIFFERS',
        message: `the cluster in '${folder}' was made with another number of brokers: 1, not 3`,
      })
    }))

  it('of the reference asks two Cassandra nodes', () =>
    withScratchFolder(async (folder) => {
      const { shape } = await openLayout(folder, { profile: 'reference' })
      assert.deepEqual(shape, { profile: 'reference', brokers: 1, cassandraNodes: 2, connectWorkers: 1 })
    }))

  it('is not found where none was made', () =>
    withScratchFolder(async (folder) => {
      assert.throws(() => readLayout(folder), { code: 'MSB_CLUSTER_NOT_FOUND' })
    }))
})

describe('deleting a cluster', () => {
  it('leaves what is not of the cluster', () =>
    withScratchFolder(async (folder) => {
      const servers = serversOf(await openLayout(folder, {}), folder)
      for (const name of ['kafka-1', 'logs', 'mine']) mkdirSync(join(folder, name))
      writeFileSync(join(folder, 'platform.json'), '{}')
      deleteCluster({ folder, servers })
      assert.deepEqual(readdirSync(folder), ['mine'])
    }))

  it('takes the folder away when nothing else is in it', () =>
    withScratchFolder(async (scratch) => {
      const folder = join(scratch, 'cluster')
      deleteCluster({ folder, servers: serversOf(await openLayout(folder, {}), folder) })
      assert.equal(existsSync(folder), false)
    }))
})
