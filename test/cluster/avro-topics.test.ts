import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Producer } from '@platformatic/kafka'
import avsc from 'avsc'
import { HttpRegistry } from '#services/catalog/http-registry.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import type { PlatformConfig } from '#services/runs/platform-config.ts'
import { platformOf } from '../../src/wiring.ts'
import { type Apicurio, startApicurio, whyNoApicurio } from '../support/apicurio.ts'
import { greenhouse, greenhouseQueries, greenhouseReadings } from '../support/greenhouse.ts'
import { ASK, boundedRows, LiveHost, until } from '../support/live-host.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const APP = 'greenhouse'
const TOPIC = 'greenhouse_readings'
const STREAM = `/v1/apps/${APP}/streams/readings`
const decimal = { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 1 }
const timestamp = { type: 'long', logicalType: 'timestamp-millis' }
const meter = (...fields: object[]) => ({ type: 'record', name: 'Meter', namespace: 'elsewhere', fields })

/** Schemas of writers who know nothing of the app; fields are matched by name. */
const writers = {
  full: meter(
    { name: 'sensor', type: 'string' },
    { name: 'at', type: timestamp },
    { name: 'celsius', type: ['null', decimal] },
  ),
  inAnotherOrder: meter(
    { name: 'battery', type: 'int' },
    { name: 'celsius', type: [decimal, 'null'] },
    { name: 'at', type: 'long' },
    { name: 'sensor', type: { type: 'enum', name: 'Place', symbols: ['north', 'south', 'east'] } },
  ),
} as const

interface Reading {
  readonly sensor: string
  readonly at: number
  readonly celsius: number | null
}

/** Two's complement in two bytes, which hold all temperatures of a greenhouse. */
function unscaled(celsius: number | null): Buffer | null {
  if (celsius === null) return null
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(Math.round(celsius * 10))
  return bytes
}

/** A record as serializers of Kafka write it, encoded by an implementation that is not ours. */
function onTheWire(id: number, schema: object, reading: Reading): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  const type = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false })
  return Buffer.concat([header, type.toBuffer({ battery: 7, ...reading, celsius: unscaled(reading.celsius) })])
}

/** Costs about 40 s, most of it the start of broker and registry. */
describe('records in Avro on the topic of a stream', {
  skip: (await whyNoServers(['kafka'])) || (await whyNoApicurio()),
}, () => {
  let cluster: RunningCluster
  let apicurio: Apicurio
  let gate: RegistryGate
  let host: LiveHost
  let producer: Producer<Buffer, Buffer, Buffer, Buffer>
  const sent: string[] = []

  before(async () => {
    ;[cluster, apicurio] = await Promise.all([startTestCluster({ servers: ['kafka'] }), startApicurio()])
    gate = await RegistryGate.open(apicurio.url)
    const { bootstrapServers } = cluster.addresses
    const config: PlatformConfig = {
      broker: { kind: 'kafka', bootstrapServers, partitions: 1, replication: 1 },
      engine: { kind: 'embedded' },
      sink: { kind: 'sqlite' },
      schemaRegistry: { url: gate.url },
    }
    const schemaRegistry = new HttpRegistry({ url: gate.url })
    host = await LiveHost.open([], { context: { platform: await platformOf(config), config, schemaRegistry } })
    await host.platform.deploy(greenhouse({ warmth: greenhouseQueries.warmth('update') }), ASK)
    producer = new Producer({ clientId: 'elsewhere', bootstrapBrokers: [...bootstrapServers] })
  })
  after(async () => {
    await producer?.close()
    await host?.close()
    gate?.close()
    await apicurio?.stop()
  })

  const send = (values: readonly Buffer[]) =>
    producer.send({ messages: values.map((value) => ({ topic: TOPIC, partition: 0, value })) })
  async function registered(subject: string, schema: object): Promise<number> {
    const response = await fetch(`${apicurio.url}/subjects/${subject}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: JSON.stringify(schema) }),
    })
    return ((await response.json()) as { id: number }).id
  }
  /** Waits until the rows are those of a run over all records that were sent, as lines of JSON. */
  async function hasRowsOfAll(): Promise<void> {
    const run = await boundedRows(greenhouse({ warmth: greenhouseQueries.warmth('update') }), { readings: sent })
    const wanted = run('warmth')
      .map(({ row }) => row)
      .sort()
    await until(
      () => {
        const found = host.rows(APP, 'warmth')
        return found.length === wanted.length && found.every((row, index) => row === wanted[index])
      },
      `the rows are ${wanted.join('\n')}`,
    )
  }
  const deadLetters = async () => {
    const { answer } = await host.request(`${STREAM}/dead-letters`)
    return (answer as unknown as { deadLetters: readonly { offset: number; code: string; found: string }[] })
      .deadLetters
  }

  it('count as those in JSON between them do, once each; those that nobody can read are dead letters', async () => {
    const ids = {
      full: await registered('meters-value', writers.full),
      inAnotherOrder: await registered('others-value', writers.inAnotherOrder),
    }
    const lines = greenhouseReadings(900)
    sent.push(...lines)
    const values = lines.map((line, index) => {
      const reading = JSON.parse(line) as Reading
      const by = (['json', 'full', 'inAnotherOrder'] as const)[index % 3]!
      return by === 'json' ? Buffer.from(line) : onTheWire(ids[by], writers[by], reading)
    })
    const good = values[1]!
    const unknown = Buffer.from(good)
    unknown.writeUInt32BE(888_888, 1)
    values.splice(300, 0, unknown, good.subarray(0, -1), Buffer.of(0, 1))
    for (let from = 0; from < values.length; from += 100) await send(values.slice(from, from + 100))
    await hasRowsOfAll()
    assert.deepEqual(
      (await deadLetters()).map(({ offset, code }) => [offset, code]),
      [
        [300, 'unknown_schema'],
        [301, 'malformed'],
        [302, 'malformed'],
      ],
    )
  })

  it('wait while the registry is away, with all behind them, and health says for what', async () => {
    const schema = meter({ name: 'sensor', type: 'string' }, { name: 'at', type: 'long' })
    const id = await registered('plain-value', schema)
    gate.isOpen = false
    const [first, second] = greenhouseReadings(2, 5) as [string, string]
    const withoutTemperature = JSON.stringify({ ...JSON.parse(first), celsius: null })
    const before = host.rows(APP, 'warmth')
    await send([onTheWire(id, schema, JSON.parse(first)), Buffer.from(second)])
    await until(() => host.live(APP).job.lastError?.code === 'MSB_REGISTRY_UNAVAILABLE', 'the job says what it needs')
    const { answer } = await host.request('/health')
    assert.match(JSON.stringify(answer), /the schema registry at .* does not answer/)
    assert.deepEqual(host.rows(APP, 'warmth'), before)
    gate.isOpen = true
    sent.push(withoutTemperature, second)
    await hasRowsOfAll()
    assert.equal((await deadLetters()).length, 3)
  })

  it('leave the reason of rows in other formats that ingest rejected with them', async () => {
    const csv = 'sensor,at,celsius\nnorth,2024-06-01T08:20:00Z,20.5\nnorth,2024-06-01T08:20:01Z\nnorth,never,1.5\n'
    const init = { method: 'POST', body: csv, headers: { 'content-type': 'text/csv' } }
    const { answer } = await host.request(`${STREAM}/records`, init)
    assert.deepEqual([answer.accepted, answer.rejected], [1, 2])
    sent.push('{"sensor":"north","at":"2024-06-01T08:20:00Z","celsius":20.5}')
    await hasRowsOfAll()
    await until(async () => (await deadLetters()).length === 5, 'both rows are dead letters')
    const letters = (await deadLetters()).slice(3)
    assert.deepEqual(
      letters.map(({ code, found }) => [code, found]),
      [
        ['wrong_column_count', '2 columns'],
        ['invalid_time', 'never'],
      ],
    )
    const document = (await host.request(`${STREAM}/dead-letters/${letters[0]!.offset}`)).answer as unknown
    const { record, header } = document as { record: string; header: string }
    assert.deepEqual([header, record], ['sensor,at,celsius', 'north,2024-06-01T08:20:01Z'])
  })
})

/** Stands before the registry, and can keep everybody out. */
class RegistryGate {
  isOpen = true
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(target: string): Promise<RegistryGate> {
    const server = createServer(async (request, response) => {
      if (!gate.isOpen) return void response.writeHead(503).end()
      const body: Buffer[] = []
      for await (const chunk of request) body.push(chunk as Buffer)
      const answer = await fetch(`${target}${request.url}`, {
        method: request.method!,
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        ...(body.length > 0 && { body: Buffer.concat(body) }),
      })
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
    })
    const gate = new RegistryGate(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return gate
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
