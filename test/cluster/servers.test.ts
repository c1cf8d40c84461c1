import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Cluster } from '#services/cluster/cluster.ts'
import { addressesOf } from '#services/cluster/cluster-addresses.ts'
import { openLayout } from '#services/cluster/cluster-folder.ts'
import { consumeLines, createTopic, produceLines } from '../support/kafka-tools.ts'
import { scratchClusterFolder, whyNoServers } from '../support/test-cluster.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

interface Ended {
  readonly code: number
  readonly out: string
  readonly notes: string
}

/** `mysimbdp cluster …` in a process of its own. */
function cluster(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'cluster', ...args], (error, out, notes) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, notes })
    })
  })
}

describe('mysimbdp cluster', { skip: await whyNoServers(['kafka']) }, () => {
  const folder = scratchClusterFolder()
  const inFolder = ['--folder', folder]
  let broker: { readonly host: string; readonly port: number }
  let bootstrapServers: readonly string[]
  before(async () => {
    const layout = await openLayout(folder, { ports: 'free' })
    broker = layout.brokers[0]!
    bootstrapServers = addressesOf(layout).bootstrapServers
  })
  const stateOfBroker = async (): Promise<string> => {
    const { out } = await cluster('status', '--json', ...inFolder)
    const { servers } = JSON.parse(out) as { readonly servers: readonly { server: string; state: string }[] }
    return servers.find(({ server }) => server === 'kafka-1')!.state
  }

  it('names the server whose port another program has, and starts nothing', async () => {
    const stranger = createServer().listen(broker.port, broker.host)
    await once(stranger, 'listening')
    const { code, notes } = await cluster('up', '--only', 'kafka', ...inFolder)
    assert.equal(code, 2)
    assert.match(notes, new RegExp(`kafka-1 cannot listen on 127.0.0.1:${broker.port}: another program uses that port`))
    assert.equal(await stateOfBroker(), 'port taken')
    stranger.close()
    await once(stranger, 'close')
    assert.equal(await stateOfBroker(), 'stopped')
  })

  it('starts servers that go on when the command has ended', async () => {
    const { code, out, notes } = await cluster('up', '--only', 'kafka', ...inFolder)
    assert.equal(code, 0, notes)
    assert.match(notes, /kafka-1 +ready after \d/)
    assert.match(out, /mysimbdp start .* --config .*platform\.json/)
    assert.equal(await stateOfBroker(), 'ready')
    const configuration = JSON.parse(readFileSync(join(folder, 'platform.json'), 'utf8'))
    assert.deepEqual(configuration, { broker: { kind: 'kafka', bootstrapServers, partitions: 1, replication: 1 } })
    await createTopic(bootstrapServers, 'greetings')
    await produceLines(bootstrapServers, 'greetings', ['hello'])
  })

  it('lets run what runs', async () => {
    const before = (await Cluster.find(folder).status())[0]!.pid
    const { code, notes } = await cluster('up', '--only', 'kafka', ...inFolder)
    assert.equal(code, 0, notes)
    assert.match(notes, /kafka-1 +runs already/)
    assert.equal((await Cluster.find(folder).status())[0]!.pid, before)
  })

  it('refuses another shape in the same folder', async () => {
    const { code, notes } = await cluster('up', '--brokers', '3', ...inFolder)
    assert.equal(code, 2)
    assert.match(notes, /another number of brokers: 1, not 3/)
  })

  it('shows figures to Prometheus under the names of the reference', async () => {
    const text = await (await fetch(addressesOf(Cluster.find(folder).layout).metricsUrls['kafka-1']!)).text()
    for (const series of [
      'kafka_server_brokertopicmetrics_messagesin_total{topic="greetings"}',
      'kafka_server_brokertopicmetrics_bytesin_total{topic="greetings"}',
      'kafka_server_brokertopicmetrics_bytesout_total',
      'kafka_log_log_size{partition="0",topic="greetings"}',
      'process_cpu_seconds_total',
      'jvm_memory_bytes_used{area="heap"}',
      'kafka_server_replicamanager_leadercount',
      'kafka_server_replicamanager_partitioncount',
      'kafka_controller_kafkacontroller_activecontrollercount',
    ])
      assert.ok(text.includes(`\n${series} `), `${series} is missing`)
  })

  it('brings a killed server back with its data', async () => {
    const found = Cluster.find(folder)
    await found.processOf(found.server('kafka-1')).stop(0)
    assert.equal(await stateOfBroker(), 'stopped')
    assert.equal((await cluster('up', '--only', 'kafka', ...inFolder)).code, 0)
    assert.deepEqual(await consumeLines(bootstrapServers, 'greetings', 1), ['hello'])
  })

  it('waits for a server that a command which was cut off had started', async () => {
    await cluster('down', ...inFolder)
    const cutOff = execFile(process.execPath, [MAIN, 'cluster', 'up', '--only', 'kafka', ...inFolder])
    const found = Cluster.find(folder)
    for await (const note of cutOff.stderr!) if (String(note).includes('starting')) break
    cutOff.kill('SIGKILL')
    const started = found.processOf(found.server('kafka-1')).pid()
    assert.notEqual(started, null)
    const { code, notes } = await cluster('up', '--only', 'kafka', ...inFolder)
    assert.equal(code, 0, notes)
    assert.match(notes, /kafka-1 +runs already/)
    assert.equal(found.processOf(found.server('kafka-1')).pid(), started)
  })

  it('ends all servers, and deletes what they kept when told so', async () => {
    const { code, notes } = await cluster('down', ...inFolder)
    assert.equal(code, 0)
    assert.match(notes, /kafka-1 (has ended|did not end by itself)/)
    assert.equal(await stateOfBroker(), 'stopped')
    assert.ok(readdirSync(folder).includes('kafka-1'))
    assert.match((await cluster('down', ...inFolder)).notes, /no server .* was running/)
    assert.equal((await cluster('down', '--delete', ...inFolder)).code, 0)
    assert.equal(existsSync(folder), false)
    assert.equal((await cluster('status', ...inFolder)).code, 2)
  })
})
