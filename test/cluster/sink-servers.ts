import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const SINK_PROJECT = fileURLToPath(new URL('../../deploy/connect/cassandra-sink', import.meta.url))
const PATIENCE_MS = 240_000

const LIBRARIES = {
  kafka: [
    ['org.apache.kafka', 'kafka_2.13', '4.3.1'],
    ['org.apache.kafka', 'kafka-tools', '4.3.1'],
    ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.25.4'],
  ],
  cassandra: [['org.apache.cassandra', 'cassandra-all', '5.0.9']],
} as const

/** Why these tests cannot run here; null when they can. In CI they must. */
export function missingForServers(): string | null {
  for (const [command, argument] of [
    ['java', '-version'],
    ['mvn', '-version'],
  ] as const) {
    try {
      execFileSync(command, [argument], { stdio: 'ignore' })
    } catch {
      if (process.env.CI === 'true') throw new Error(`${command} is needed for the tests with servers`)
      return `needs ${command}`
    }
  }
  return null
}

/** Kafka, Cassandra and Kafka Connect with the sink of this repository, each a process of its own in a scratch folder. */
export class SinkServers {
  readonly folder = mkdtempSync(join(tmpdir(), 'mysimbdp-servers-'))
  readonly #running = new Map<string, ChildProcess>()
  readonly #ports: Readonly<Record<'kafka' | 'controller' | 'cql' | 'storage' | 'jmx' | 'connect', number>>
  readonly #libraries: Readonly<Record<keyof typeof LIBRARIES, string>>

  private constructor(ports: readonly number[], libraries: Readonly<Record<keyof typeof LIBRARIES, string>>) {
    const [kafka, controller, cql, storage, jmx, connect] = ports as [number, number, number, number, number, number]
    const endAll = (): void => {
      for (const child of this.#running.values()) child.kill('SIGKILL')
    }
    process.once('exit', endAll)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
    this.#ports = { kafka, controller, cql, storage, jmx, connect }
    this.#libraries = libraries
  }

  static async start(): Promise<SinkServers> {
    execFileSync('mvn', ['-B', '-q', 'package', '-DskipTests'], { cwd: SINK_PROJECT, stdio: 'inherit' })
    const servers = new SinkServers(await freePorts(6), {
      kafka: librariesOf('kafka'),
      cassandra: librariesOf('cassandra'),
    })
    try {
      await Promise.all([servers.startCassandra(), servers.startKafka().then(() => servers.startConnect())])
      return servers
    } catch (error) {
      await servers.stop()
      throw error
    }
  }

  get bootstrapServers(): string {
    return `127.0.0.1:${this.#ports.kafka}`
  }

  get cqlPort(): number {
    return this.#ports.cql
  }

  get connectUrl(): string {
    return `http://127.0.0.1:${this.#ports.connect}`
  }

  async startKafka(): Promise<void> {
    const { kafka, controller } = this.#ports
    const properties = join(this.folder, 'server.properties')
    writeFileSync(properties, kafkaProperties(kafka, controller, join(this.folder, 'kafka')))
    const classPath = ['-cp', `${this.#libraries.kafka}/*`]
    const formatted = join(this.folder, 'kafka', 'meta.properties')
    if (!existsSync(formatted))
      execFileSync(
        'java',
        [
          ...classPath,
          'kafka.tools.StorageTool',
          'format',
          '--standalone',
          '-t',
          'c2lua3NpbmtzaW5rc2luaw',
          '-c',
          properties,
        ],
        { stdio: 'ignore' },
      )
    this.#spawn('kafka', ['-Xmx384m', ...classPath, 'kafka.Kafka', properties])
    await this.#until('kafka', () => isListening(kafka))
  }

  async startCassandra(): Promise<void> {
    const folder = join(this.folder, 'cassandra')
    mkdirSync(join(folder, 'conf'), { recursive: true })
    writeFileSync(join(folder, 'conf', 'cassandra.yaml'), cassandraYaml(folder, this.#ports.cql, this.#ports.storage))
    const { cassandra } = this.#libraries
    this.#spawn('cassandra', [
      ...CASSANDRA_OPTIONS,
      '-Xmx768m',
      `-javaagent:${cassandra}/jamm-0.4.0.jar`,
      `-Dcassandra.config=file:${folder}/conf/cassandra.yaml`,
      `-Dcassandra.storagedir=${folder}`,
      `-Dcassandra.logdir=${folder}`,
      '-Dcassandra-foreground=yes',
      '-Dcassandra.skip_wait_for_gossip_to_settle=0',
      '-Dcassandra.ring_delay_ms=5000',
      `-Dcassandra.jmx.local.port=${this.#ports.jmx}`,
      '-cp',
      `${folder}/conf:${cassandra}/*`,
      'org.apache.cassandra.service.CassandraDaemon',
    ])
    await this.#until('cassandra', () => isListening(this.#ports.cql))
  }

  async startConnect(): Promise<void> {
    const plugins = join(SINK_PROJECT, 'target', 'plugins')
    const properties = join(this.folder, 'worker.properties')
    writeFileSync(properties, workerProperties(this.bootstrapServers, this.connectUrl, plugins))
    this.#spawn('connect', [
      '-Xmx384m',
      '-cp',
      `${this.#libraries.kafka}/*`,
      'org.apache.kafka.connect.cli.ConnectDistributed',
      properties,
    ])
    await this.#until('connect', async () => (await fetch(`${this.connectUrl}/connectors`)).ok)
  }

  /** `kill -9`. */
  async kill(server: 'kafka' | 'cassandra' | 'connect'): Promise<void> {
    await this.#end(server, 'SIGKILL')
  }

  async stop(): Promise<void> {
    for (const server of ['connect', 'cassandra', 'kafka']) await this.#end(server, 'SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #end(server: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#running.get(server)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  #spawn(server: string, commandLine: readonly string[]): void {
    const log = openSync(join(this.folder, `${server}.log`), 'a')
    this.#running.set(server, spawn('java', [...commandLine], { cwd: this.folder, stdio: ['ignore', log, log] }))
  }

  /** A port that answers may be another process's: ours must be alive as well. */
  async #until(server: string, isReady: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (Date.now() < deadline) {
      const child = this.#running.get(server)!
      if (child.exitCode !== null) break
      if (await isReady().catch(() => false)) return
      await pause(100)
    }
    throw new Error(
      `${server} did not start:\n${readFileSync(join(this.folder, `${server}.log`), 'utf8').slice(-2000)}`,
    )
  }
}

/** Jars from Maven, kept between runs. */
function librariesOf(server: keyof typeof LIBRARIES): string {
  const folder = join(tmpdir(), `mysimbdp-sink-libraries-${server}`)
  const libraries = join(folder, 'libs')
  if (existsSync(join(folder, 'complete'))) return libraries
  mkdirSync(folder, { recursive: true })
  const dependencies = LIBRARIES[server]
    .map(
      ([group, artifact, version]) =>
        `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
    )
    .join('')
  writeFileSync(
    join(folder, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>${server}</artifactId><version>1</version><packaging>pom</packaging><dependencies>${dependencies}</dependencies></project>`,
  )
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
  execFileSync('mvn', ['-B', '-q', goal, '-DincludeScope=runtime', '-DoutputDirectory=libs'], {
    cwd: folder,
    stdio: 'inherit',
  })
  writeFileSync(join(folder, 'complete'), '')
  return libraries
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer()
      return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

async function isListening(port: number): Promise<boolean> {
  const { connect } = await import('node:net')
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== undefined))
    socket.once('error', () => resolve(false))
  })
}

const kafkaProperties = (port: number, controller: number, folder: string): string => `
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${folder}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
`

const workerProperties = (bootstrapServers: string, url: string, plugins: string): string => `
bootstrap.servers=${bootstrapServers}
group.id=connect-test
listeners=${url}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
config.storage.topic=connect-configs
offset.storage.topic=connect-offsets
status.storage.topic=connect-status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=1
status.storage.partitions=1
offset.flush.interval.ms=2000
plugin.path=${plugins}
plugin.discovery=service_load
`

const cassandraYaml = (folder: string, port: number, storage: number): string => `
cluster_name: test
num_tokens: 16
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
seed_provider: [ { class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [ { seeds: "127.0.0.1:${storage}" } ] } ]
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
storage_port: ${storage}
native_transport_port: ${port}
endpoint_snitch: SimpleSnitch
commitlog_sync: batch
data_file_directories: [ ${folder}/data ]
commitlog_directory: ${folder}/commitlog
saved_caches_directory: ${folder}/saved_caches
hints_directory: ${folder}/hints
auto_snapshot: false
concurrent_reads: 8
concurrent_writes: 16
memtable_heap_space: 192MiB
memtable_offheap_space: 64MiB
file_cache_size: 64MiB
`

const CASSANDRA_OPTIONS: readonly string[] = [
  '-XX:+UseG1GC',
  '-Djdk.attach.allowAttachSelf=true',
  ...[
    'java.base/jdk.internal.misc',
    'java.management.rmi/com.sun.jmx.remote.internal.rmi',
    'java.rmi/sun.rmi.registry',
    'java.rmi/sun.rmi.server',
    'java.sql/java.sql',
    'java.base/java.lang.ref',
    'jdk.unsupported/sun.misc',
  ].map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...[
    ...[
      'lang.module',
      'io',
      'nio',
      'util',
      'util.concurrent',
      'util.concurrent.atomic',
      'lang',
      'lang.reflect',
      'math',
      'net',
    ].map((name) => `java.base/java.${name}`),
    ...['loader', 'ref', 'reflect', 'math', 'module', 'util.jar'].map((name) => `java.base/jdk.internal.${name}`),
    'jdk.management/com.sun.management.internal',
    'java.base/sun.nio.ch',
  ].map((name) => `--add-opens=${name}=ALL-UNNAMED`),
]
