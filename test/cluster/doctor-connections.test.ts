import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { type Apicurio, startApicurio, whyNoApicurio } from '../support/apicurio.ts'
import { ProductProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

interface Found {
  readonly what: string
  readonly isWell: boolean
  readonly found: string
  readonly action: string | null
}

type Change = (config: Configuration) => object

interface Configuration {
  readonly broker: object
  readonly sink: object
  readonly schemaRegistry: object
}

const NOBODY = '127.0.0.1:27991'

/** Took 280 s at a load of 30 on two cores, 190 of them for the start of the servers. */
describe('the doctor, given a configuration', {
  skip: (await whyNoServers(['kafka', 'cassandra', 'connect'])) || (await whyNoApicurio()),
}, () => {
  let cluster: RunningCluster
  let apicurio: Apicurio
  let config: Configuration
  before(async () => {
    ;[cluster, apicurio] = await Promise.all([
      startTestCluster({ servers: ['kafka', 'cassandra', 'connect'] }),
      startApicurio(),
    ])
    config = { ...JSON.parse(readFileSync(cluster.platformFile, 'utf8')), schemaRegistry: { url: apicurio.url } }
  })
  after(() => apicurio?.stop())

  /** What it says of a configuration that was changed; no platform runs. */
  const examined = (change: Change, env: NodeJS.ProcessEnv = {}) =>
    withScratchFolder(async (folder) => {
      const file = join(folder, 'platform.json')
      writeFileSync(file, JSON.stringify({ ...config, ...change(config) }))
      const args = ['doctor', '--config', file, '--data', join(folder, 'none'), '--json']
      const command = new ProductProcess(args, { ...process.env, ...env })
      const code = await command.ended()
      const end = command.said.lastIndexOf('\n}') + 2
      const { connections } = JSON.parse(command.said.slice(0, end)) as { connections: readonly Found[] }
      return { code, connections, wrong: connections.filter(({ isWell }) => !isWell), said: command.said }
    })

  it('says of each server that all is well, and creates nothing', async () => {
    const { code, connections, said } = await examined(() => ({}))
    assert.equal(code, 0, said)
    assert.deepEqual(
      connections.map(({ isWell, found }) => [isWell, found.replaceAll(/\d+\.\d+\.\d+\.\d+:\d+/g, '…')]),
      [
        [true, 'one broker answers (…), not encrypted, without a user'],
        [true, '4.0 or newer; the platform is tested with 4.3'],
        [true, 'may be created, with one copy'],
        [true, 'a producer can open them'],
        [true, 'it answers'],
        [true, 'it answers, and has 0 connectors'],
        [true, "'org.mysimbdp.connect.CassandraSinkConnector' is there"],
        [true, connections[7]!.found],
        [true, 'it does not exist yet, and can have replication_factor 1'],
        [true, 'are on the disk of the node (commitlog_sync: batch)'],
      ],
    )
    assert.match(connections[7]!.found, /^version 5\.0\.\d+, cluster '.+', data center 'datacenter1' is there$/)
    const again = await examined(() => ({}))
    assert.match(again.connections.at(-2)!.found, /it does not exist yet/)
  })

  it('says of a server that is not there which one, and goes on with the others', async () => {
    const { code, wrong, connections } = await examined(({ sink }) => ({
      broker: { kind: 'kafka', bootstrapServers: [NOBODY] },
      schemaRegistry: { url: `http://${NOBODY}` },
      sink: { ...sink, connect: { url: `http://${NOBODY}` }, port: 27991 },
    }))
    assert.equal(code, 3)
    assert.equal(connections.length, 4, 'what needs a connection is not asked')
    const said = wrong.map(({ found, action }) => `${found} — ${action}`)
    assert.match(said[0]!, /127\.0\.0\.1:27991.* — Check that the brokers run and that bootstrapServers names them/)
    assert.match(said[1]!, /the schema registry at http:\/\/127\.0\.0\.1:27991 does not answer.* — Check that it runs/)
    assert.match(said[2]!, /Kafka Connect at http:\/\/127\.0\.0\.1:27991 does not answer/)
    assert.match(said[3]!, /Cassandra at 127\.0\.0\.1:27991 does not answer/)
  })

  it('says which data center there is, and how many copies are possible', async () => {
    const elsewhere = await examined(({ sink }) => ({ sink: { ...sink, localDataCenter: 'frankfurt' } }))
    assert.match(elsewhere.wrong[0]!.found, /Cassandra at .* has no data center 'frankfurt'/)
    assert.match(elsewhere.wrong[0]!.action!, /'datacenter1'/)
    const threeCopies = await examined(({ broker, sink }) => ({
      broker: { ...broker, replication: 3 },
      sink: { ...sink, replication: { class: 'SimpleStrategy', replication_factor: 3 } },
    }))
    assert.deepEqual(
      threeCopies.wrong.map(({ found }) => found),
      [
        'topics are to have 3 copies, and the cluster has fewer brokers',
        "keyspace 'mysimbdp_coredms' is to have 3 copies, and the cluster has 1 node",
      ],
    )
    const unknown = await examined(({ sink }) => ({
      sink: { ...sink, replication: { class: 'NetworkTopologyStrategy', frankfurt: 1 } },
    }))
    assert.match(unknown.wrong[0]!.found, /data center 'frankfurt' has 0 nodes/)
    assert.match(unknown.wrong[0]!.action!, /datacenter1/)
  })
})
