import { setTimeout as pause } from 'node:timers/promises'
import { Admin, Consumer, Producer, stringSerializers } from '@platformatic/kafka'
import { CassandraResultReader } from '#dataplane/sinks/cassandra/cassandra-result-reader.ts'
import { CassandraSession } from '#dataplane/sinks/cassandra/cassandra-session.ts'
import { setUpResultTable } from '#dataplane/sinks/cassandra/result-tables-setup.ts'
import type { RowReader, RowSelection, ServedRow } from '#dataplane/sinks/sink.ts'
import { systemClock } from '#foundation/time/clock.ts'
import type { App } from '#language/query/app.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { AppConnectors } from '#services/connect/app-connectors.ts'
import { ConnectClient } from '#services/connect/connect-client.ts'
import { cassandraConnectors, resultRoute } from '#services/connect/connector-config.ts'
import { ConnectorWatch, type WatchedConnector } from '#services/connect/connector-watch.ts'
import { type SinkDeadLetter, sinkDeadLetter } from '#services/connect/sink-dead-letters.ts'
import type { ServingStore } from '#services/runs/platform.ts'

const PATIENCE_MS = 240_000
const ONE_REPLICA = { class: 'SimpleStrategy', replication_factor: 1 }

/** Of a result topic: the value is null for a tombstone. */
export type Message = readonly [key: string, value: string | null]

/** Kafka, Connect and Cassandra, and what a test does with results between them. */
export class CassandraBench {
  readonly servers: RunningCluster
  readonly session: CassandraSession
  readonly client: ConnectClient
  readonly #admin: Admin
  #deployed: ReadonlyMap<string, ConnectorWatch> = new Map()
  readonly #producer: Producer<string, string, string, string>

  constructor(servers: RunningCluster) {
    this.servers = servers
    this.session = new CassandraSession({
      contactPoints: ['127.0.0.1'],
      port: servers.addresses.cqlPort,
      localDataCenter: 'datacenter1',
    })
    this.client = new ConnectClient({ url: servers.addresses.connectUrls[0]! })
    const connection = { clientId: 'test', bootstrapBrokers: [...servers.addresses.bootstrapServers] }
    this.#admin = new Admin(connection)
    this.#producer = new Producer({ ...connection, serializers: stringSerializers })
  }

  /** The tables of an app as they are, made where they are missing. */
  async setUp({ plan }: App, tenant = 'lab', keyspace = `ks_${plan.name}`) {
    const tables = []
    for (const query of plan.queries)
      tables.push(
        await setUpResultTable(this.session, plan.name, query, { keyspace, tenant, replication: ONE_REPLICA }),
      )
    return tables
  }

  connectors({ plan }: App): readonly WatchedConnector[] {
    const table = { keyspace: `ks_${plan.name}`, tenant: 'lab', replication: ONE_REPLICA }
    return cassandraConnectors(plan, (query) => setUpResultTable(this.session, plan.name, query, table), {
      contactPoints: ['127.0.0.1'],
      port: this.servers.addresses.cqlPort,
      localDataCenter: 'datacenter1',
      replication: 1,
    })
  }

  /** Results are read by `reader`; the connectors are there already. */
  serving(reader: RowReader): ServingStore {
    return {
      newConnectors: () => new AppConnectors(this.client, systemClock, [], async () => ({ count: 0, lastMs: null })),
      refusedRows: async () => [],
      openResults: () => reader,
      close: async () => {},
    }
  }

  /** Looks at what was deployed last, as a platform does all the time. */
  async look(): Promise<void> {
    for (const watch of this.#deployed.values()) await watch.look()
  }

  /** Tables, topics and connectors of an app, and a watch for each query. */
  async deploy(deployed: App): Promise<ReadonlyMap<string, ConnectorWatch>> {
    const watches = new Map<string, ConnectorWatch>()
    for (const connector of this.connectors(deployed)) {
      const { topic } = resultRoute(deployed.plan.name, connector.query)
      await this.#admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
      const watch = new ConnectorWatch(this.client, systemClock, connector)
      await watch.deploy()
      watches.set(connector.query, watch)
    }
    this.#deployed = watches
    return watches
  }

  async reader(deployed: App): Promise<CassandraResultReader> {
    const tables = await this.setUp(deployed)
    return new CassandraResultReader(this.session, async () => tables, deployed.plan.timeZone)
  }

  async send(topic: string, messages: Iterable<Message>): Promise<void> {
    const all = [...messages].map(([key, value]) => ({ topic, key, ...(value !== null && { value }) }))
    for (let i = 0; i < all.length; i += 500) await this.#producer.send({ messages: all.slice(i, i + 500) })
  }

  async sendAndAbort(topic: string, [key, value]: Message): Promise<void> {
    const producer = new Producer({
      clientId: 'aborting',
      bootstrapBrokers: [...this.servers.addresses.bootstrapServers],
      serializers: stringSerializers,
      idempotent: true,
      transactionalId: `aborting-${topic}`,
      producerId: -1n,
      producerEpoch: -1,
    })
    const transaction = await producer.beginTransaction()
    await transaction.send({ messages: [{ topic, key, value: value! }] })
    await transaction.abort()
    await producer.close()
  }

  async deadLetters(query: string, topic: string, wanted: number): Promise<readonly SinkDeadLetter[]> {
    const consumer = new Consumer({
      clientId: 'dead-letters',
      groupId: `dead-letters-${topic}`,
      bootstrapBrokers: [...this.servers.addresses.bootstrapServers],
    })
    const letters: SinkDeadLetter[] = []
    const messages = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false })
    for await (const { partition, offset, timestamp: at, key, value, headers } of messages) {
      const record = { topic, partition, offset: Number(offset), timestampMs: Number(at), key, value }
      const named = new Map([...headers].map(([name, bytes]) => [String(name), bytes] as const))
      letters.push(sinkDeadLetter(query, { ...record, headers: named }))
      if (letters.length === wanted) break
    }
    await consumer.close(true)
    return letters
  }

  /** How many records a topic of one partition has ever had. */
  async endOf(topic: string): Promise<number> {
    const [listed] = await this.#admin.listOffsets({
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
    })
    return Number(listed!.partitions[0]!.offset)
  }

  async close(): Promise<void> {
    await this.#producer.close()
    await this.#admin.close()
    await this.session.close()
    await this.servers.stop(0)
  }
}

/** Waits until it holds; not for ever. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`after ${PATIENCE_MS / 1000} s not yet: ${what}`)
    await pause(100)
  }
}

/** All rows that a reader gives. */
export async function selected(
  reader: CassandraResultReader,
  query: string,
  selection: RowSelection = {},
): Promise<readonly ServedRow[]> {
  const rows: ServedRow[] = []
  for await (const row of reader.select(query, selection)) rows.push(row)
  return rows
}
