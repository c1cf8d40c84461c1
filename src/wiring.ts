import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Changelog } from '#dataplane/brokers/changelog.ts'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import {
  createAvroDecoder,
  createCsvDecoder,
  createJsonDecoder,
  createMessageDecoder,
} from '#dataplane/decoding/decoder.ts'
import type { WriterSchemas } from '#dataplane/decoding/message-decoder.ts'
import { duckdbCapabilities } from '#dataplane/engines/duckdb/capabilities.ts'
import { embeddedCapabilities } from '#dataplane/engines/embedded/capabilities.ts'
import { EmbeddedEngine } from '#dataplane/engines/embedded/embedded-engine.ts'
import { ReplicatedJobStore } from '#dataplane/engines/embedded/state/replicated-job-store.ts'
import { SqliteJobStore } from '#dataplane/engines/embedded/state/sqlite-job-store.ts'
import { SqliteResultReader } from '#dataplane/engines/embedded/state/sqlite-result-reader.ts'
import type { JobSpec } from '#dataplane/engines/engine.ts'
import { sparkCapabilities } from '#dataplane/engines/spark/capabilities.ts'
import { explainOnSpark } from '#dataplane/engines/spark/lowering/explain.ts'
import type { ResultTable } from '#dataplane/sinks/cassandra/result-table.ts'
import { FileSource } from '#dataplane/sources/file/file-source.ts'
import { SampleSource } from '#dataplane/sources/sample/sample-source.ts'
import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { fileBytes, folderBytes } from '#foundation/size/folder-size.ts'
import { removeDatabase } from '#foundation/sqlite/database.ts'
import { systemClock } from '#foundation/time/clock.ts'
import type { Capabilities } from '#language/plan/capabilities.ts'
import { type AppPlan, type QueryPlan, streamsOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import { catalogSchemas } from '#services/catalog/catalog-schemas.ts'
import { HttpRegistry } from '#services/catalog/http-registry.ts'
import { registryChecks } from '#services/catalog/registry-checks.ts'
import { AppConnectors } from '#services/connect/app-connectors.ts'
import { connectChecks } from '#services/connect/connect-checks.ts'
import { ConnectClient } from '#services/connect/connect-client.ts'
import { cassandraConnectors, resultRoute } from '#services/connect/connector-config.ts'
import { sinkDeadLetter } from '#services/connect/sink-dead-letters.ts'
import { AppFolder } from '#services/live/app-folder.ts'
import { streamSpecs } from '#services/runs/bounded-run.ts'
import { type Platform, type ServingStore, topicOf } from '#services/runs/platform.ts'
import type {
  CassandraConfig,
  KafkaConfig,
  PlatformConfig,
  SchemaRegistryConfig,
  SparkConfig,
} from '#services/runs/platform-config.ts'

/** The only file that names plug-ins. Inside a data folder: `log/` is the broker's, `job.db` the job's. */
const logFolder = (folder: string): string => join(folder, 'log')
const jobFile = (folder: string): string => join(folder, 'job.db')
/** On which session and checkpoints a job on Spark runs. */
const sparkRecordFile = (folder: string): string => join(folder, 'spark.json')

export const embeddedPlatform: Platform = {
  openBroker: (folder, limits) => new LocalBroker({ folder: logFolder(folder), ...limits }),
  openEngine: (folder) => new EmbeddedEngine(() => new SqliteJobStore(jobFile(folder))),
  openResultsEngine: (folder) => new EmbeddedEngine(() => new SqliteJobStore(jobFile(folder), { resultsOnly: true })),
  openLogReaders: async (folder) => {
    const broker = new LocalBroker({ folder: logFolder(folder) })
    const topics = broker.topics()
    if (topics.length === 0) throw new MysimbdpError('MSB_DATA_FOLDER_NOT_FOUND', `there is no log in '${folder}'`)
    const opened = await Promise.allSettled(topics.map((topic) => broker.openReadOnly(topic)))
    const readers = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = opened.find((one) => one.status === 'rejected')
    if (failed === undefined) return readers
    for (const reader of readers) await reader.close()
    throw failed.reason
  },
  holdsData: (folder) => existsSync(logFolder(folder)) || existsSync(jobFile(folder)),
  discardState: (folder) => removeDatabase(jobFile(folder)),
  openResults: (folder) => new SqliteResultReader(jobFile(folder)),
  storageUse: (folder) => {
    const topics = new LocalBroker({ folder: logFolder(folder) }).topics()
    const stateWalBytes = fileBytes(`${jobFile(folder)}-wal`)
    return {
      logBytes: new Map(topics.map((topic) => [topic, folderBytes(join(logFolder(folder), topic))])),
      stateBytes: fileBytes(jobFile(folder)) + stateWalBytes,
      stateWalBytes,
    }
  },
  openFile: (path) => FileSource.open(path),
  openSample: (stream, sample, options) => new SampleSource(stream, sample, options),
  decodingThread: new URL('./decode-thread.ts', import.meta.url),
  createDecoder: (app, stream, format, options) => {
    const { schema, eventTime, timeZone } = streamsOf(app.plan).get(stream)!
    const { csvFormats } = app.streams[stream]!
    switch (format) {
      case 'csv':
        return createCsvDecoder({ schema, eventTime, timeZone, csvFormats, ...options })
      case 'avro':
        return createAvroDecoder({ schema, eventTime, timeZone, ...options })
      case 'json':
        return createJsonDecoder({ schema, eventTime, timeZone, ...options })
    }
  },
}

/** What `explain` answers for. */
export const knownEngines: readonly Capabilities[] = [embeddedCapabilities, duckdbCapabilities, sparkCapabilities]

export const loweredTexts: Readonly<Record<string, (plan: AppPlan) => string>> = {
  [sparkCapabilities.engine]: explainOnSpark,
}

/** The plug-ins that a configuration names. Those for Kafka are loaded only where it is asked for. */
export async function platformOf({ broker, engine, sink, schemaRegistry }: PlatformConfig): Promise<Platform> {
  if (broker.kind === 'local') return embeddedPlatform
  const onKafka = await kafkaPlatform(broker, schemaRegistry)
  const platform = engine.kind === 'embedded' ? onKafka : await sparkPlatform(onKafka, engine, broker, schemaRegistry)
  return sink.kind === 'sqlite' ? platform : { ...platform, serving: await cassandraServing(sink, broker) }
}

/** Records and commits in Kafka; what a job makes of them is served from a file of this machine. */
async function kafkaPlatform(connection: KafkaConfig, registry: SchemaRegistryConfig | null): Promise<Platform> {
  const { KafkaBroker } = await import('#dataplane/brokers/kafka/kafka-broker.ts')
  const { KafkaCandidacy } = await import('#dataplane/brokers/kafka/kafka-candidacy.ts')
  const { requireDistinctTopics } = await import('#dataplane/brokers/kafka/topic-names.ts')
  const { KafkaDeploymentBoard } = await import('#dataplane/brokers/kafka/kafka-deployment-board.ts')
  const { partitions, replication } = connection
  const external = registry === null ? null : new HttpRegistry(registry)
  const newBroker = (folder: string) => {
    const { app } = new AppFolder(folder).read()
    const schemas = external ?? catalogSchemas(AppFolder.dataFolderOf(folder))
    const streamOptions = (topic: string) => messageOptions(app, topic, schemas)
    return { app, broker: new KafkaBroker({ connection, partitions, replication, streamOptions }) }
  }
  const openStore = async (folder: string, spec: JobSpec): Promise<ReplicatedJobStore> =>
    ReplicatedJobStore.open(jobFile(folder), await newChangelog(connection, spec))
  return {
    ...embeddedPlatform,
    requireDeployable: (plan) => {
      const queries = plan.queries.map(({ name }) => name)
      requireDistinctTopics(plan.name, [...streamsOf(plan).keys()], queries)
    },
    openBroker: (folder) => newBroker(folder).broker,
    openEngine: (folder) => new EmbeddedEngine((spec) => openStore(folder, spec)),
    openLogReaders: async (folder) => {
      const { app, broker } = newBroker(folder)
      try {
        return await Promise.all(streamSpecs(app.plan, partitions).map((spec) => broker.openReader(spec)))
      } catch (error) {
        await broker.close()
        throw error
      }
    },
    deployments: new KafkaDeploymentBoard(connection, replication),
    standFor: (app, onChange) => KafkaCandidacy.open({ connection, app, replication, onChange }),
  }
}

/** Where the commits of an app's job are kept, whichever engine makes them. */
async function newChangelog(connection: KafkaConfig, { plan }: JobSpec): Promise<Changelog> {
  const { KafkaChangelog } = await import('#dataplane/brokers/kafka/kafka-changelog.ts')
  const { replication } = connection
  const queries = plan.queries.map(({ name }) => name)
  return new KafkaChangelog({ connection, app: plan.name, queries, replication, clock: systemClock })
}

/** Queries run on Spark, from topics to topics; a relay here makes results of what they write. */
async function sparkPlatform(
  onKafka: Platform,
  engine: SparkConfig,
  broker: KafkaConfig,
  registry: SchemaRegistryConfig | null,
): Promise<Platform> {
  const { SparkEngine } = await import('#dataplane/engines/spark/spark-engine.ts')
  const { sparkAddressOf } = await import('#dataplane/engines/spark/connect/connection-string.ts')
  const { RelayedResultsStore } = await import('#dataplane/engines/embedded/runtime/relayed-results-store.ts')
  const { ComputedRowTopics } = await import('#dataplane/brokers/kafka/computed-row-topics.ts')
  const address = sparkAddressOf(engine.url)
  const { checkpoints, pages = null } = engine
  const topics = new ComputedRowTopics(broker)
  const external = registry === null ? null : new HttpRegistry(registry)
  return {
    ...onKafka,
    openEngine: (folder) => {
      const place = { address, pages, checkpoints, recordFile: sparkRecordFile(folder), clock: systemClock }
      const schemas = external ?? catalogSchemas(AppFolder.dataFolderOf(folder))
      const openResults = async (spec: JobSpec) =>
        RelayedResultsStore.open(jobFile(folder), await newChangelog(broker, spec))
      return new SparkEngine(place, { topics, schemas, openResults })
    },
    discardState: (folder) => {
      onKafka.discardState(folder)
      rmSync(sparkRecordFile(folder), { force: true })
    },
  }
}

/** How the records on a stream's topic are read. */
function messageOptions(app: App, topic: string, schemas: WriterSchemas) {
  const [stream, source] = [...streamsOf(app.plan)].find(([name]) => topicOf(app.plan, name) === topic)!
  const { schema, eventTime, timeZone, maxFutureSkewMs } = source
  const { idle, keyBy } = app.streams[stream]!
  return {
    createDecoder: () => createMessageDecoder({ schema, eventTime, timeZone }, schemas),
    timeZone,
    maxFutureSkewMs,
    idleMarks: idle.idleTimeoutMs !== null,
    keyBy,
  }
}

/** Results in Cassandra, brought there by Kafka Connect. A keyspace belongs to the app that claims it first, as a tenant has one app. */
async function cassandraServing(sink: CassandraConfig, broker: KafkaConfig): Promise<ServingStore> {
  const { CassandraResultReader } = await import('#dataplane/sinks/cassandra/cassandra-result-reader.ts')
  const { CassandraSession } = await import('#dataplane/sinks/cassandra/cassandra-session.ts')
  const { setUpResultTable } = await import('#dataplane/sinks/cassandra/result-tables-setup.ts')
  const { TopicCounts } = await import('#dataplane/brokers/kafka/topic-counts.ts')
  const { keyspace } = sink
  const replication = { class: 'SimpleStrategy', ...sink.replication }
  const session = new CassandraSession(sink)
  const counts = new TopicCounts(broker)
  const client = new ConnectClient(sink.connect)
  const setUp = ({ name }: AppPlan, query: QueryPlan) =>
    setUpResultTable(session, name, query, { keyspace, tenant: name, replication })
  // Of a deployment they stay as they are: they are asked for once.
  const known = new WeakMap<AppPlan, readonly ResultTable[]>()
  const tablesOf = async (plan: AppPlan): Promise<readonly ResultTable[]> => {
    const tables = known.get(plan) ?? (await Promise.all(plan.queries.map((query) => setUp(plan, query))))
    known.set(plan, tables)
    return tables
  }
  return {
    newConnectors: (plan) => {
      const { tls, connect } = sink
      const security = { isEncrypted: tls !== undefined, ...(connect.settings && { settings: connect.settings }) }
      const choice = { ...sink, ...security, replication: broker.replication }
      const connectors = cassandraConnectors(plan, (query) => setUp(plan, query), choice)
      return new AppConnectors(client, systemClock, connectors, (topic) => counts.of(topic))
    },
    refusedRows: async (plan, query, fromOffset, limit) => {
      const { deadLetterTopic } = resultRoute(plan.name, query)
      const records = await counts.records(deadLetterTopic, fromOffset, limit).catch((error: MysimbdpError) => {
        if (error.code === 'MSB_KAFKA_TOPIC_NOT_FOUND') return []
        throw error
      })
      return records.map((record) => sinkDeadLetter(query, record))
    },
    openResults: (plan) => new CassandraResultReader(session, () => tablesOf(plan), plan.timeZone),
    close: async () => {
      await session.close()
      await counts.close()
    },
  }
}

/** What there is to find out about the servers that a configuration names. */
export async function serverChecksOf({
  broker,
  engine,
  sink,
  schemaRegistry,
}: PlatformConfig): Promise<readonly ServerChecks[]> {
  const servers: ServerChecks[] = []
  if (broker.kind === 'kafka') {
    const { kafkaChecks } = await import('#dataplane/brokers/kafka/kafka-checks.ts')
    servers.push(kafkaChecks(broker, broker.replication))
  }
  if (schemaRegistry !== null) servers.push(registryChecks(schemaRegistry))
  if (engine.kind === 'spark') {
    const { sparkChecks } = await import('#dataplane/engines/spark/connect/spark-checks.ts')
    servers.push(sparkChecks(engine.url))
  }
  if (sink.kind === 'cassandra') {
    const { cassandraChecks } = await import('#dataplane/sinks/cassandra/cassandra-checks.ts')
    servers.push(connectChecks(sink.connect), cassandraChecks(sink, sink))
  }
  return servers
}
