import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { DocumentReader } from '#language/plan/document-reader.ts'

/** Where a platform's records and results live. What a file does not name is of this machine: the local log, and SQLite. */
export interface PlatformConfig {
  readonly broker: LocalBrokerConfig | KafkaConfig
  readonly engine: EmbeddedEngineConfig | SparkConfig
  /** Where results are served from, beside the files of the platform. */
  readonly sink: SqliteSinkConfig | CassandraConfig
  /** The registry that schemas go to; the platform's own when null. */
  readonly schemaRegistry: SchemaRegistryConfig | null
}

export interface LocalBrokerConfig {
  readonly kind: 'local'
}

export interface EmbeddedEngineConfig {
  readonly kind: 'embedded'
}

export interface SparkConfig {
  readonly kind: 'spark'
  /** `sc://host:15002/;token=…`, as clients of Spark Connect write it. */
  readonly url: string
  /** Folder or URL that all machines of the Spark cluster reach. */
  readonly checkpoints: string
  /** Spark's own pages, to be linked from what is said of a query. */
  readonly pages?: string
}

export interface SqliteSinkConfig {
  readonly kind: 'sqlite'
}

export interface KafkaConfig {
  readonly kind: 'kafka'
  /** `host:port` each. */
  readonly bootstrapServers: readonly string[]
  /** Of an input topic that is created; one that is there keeps what it has. */
  readonly partitions: number
  readonly replication: number
  readonly tls?: TlsConfig
  readonly sasl?: SaslConfig
}

export interface TlsConfig {
  /** PEM files; the system's certificates when absent. */
  readonly caFile?: string
  readonly certificateFile?: string
  readonly keyFile?: string
}

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export interface SaslConfig {
  readonly mechanism: (typeof saslMechanisms)[number]
  readonly username: string
  readonly password: string
}

export interface CassandraConfig {
  readonly kind: 'cassandra'
  readonly contactPoints: readonly string[]
  readonly port: number
  readonly localDataCenter: string
  readonly keyspace: string
  /** As CQL has it: `class`, and a factor for it or for each data centre. */
  readonly replication: Readonly<Record<string, string | number>>
  readonly username?: string
  readonly password?: string
  /** Connections are encrypted where it is there. Without `caFile` the certificates that Node knows are trusted. */
  readonly tls?: { readonly caFile?: string }
  readonly connect: ConnectConfig
}

/** The Kafka Connect cluster that brings results to the serving store. */
export interface ConnectConfig {
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Further settings of each connector, which go before the platform's own. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface SchemaRegistryConfig {
  readonly url: string
  readonly username?: string
  readonly password?: string
}

export const EMBEDDED_CONFIG: PlatformConfig = {
  broker: { kind: 'local' },
  engine: { kind: 'embedded' },
  sink: { kind: 'sqlite' },
  schemaRegistry: null,
}

/**
 * The document as a configuration, with what is there by default.
 * @param name what to call the document in messages
 * @throws MSB_CONFIG_INVALID with the place that is wrong
 */
export function checkedConfig(document: unknown, name: string): PlatformConfig {
  try {
    return configOf(new DocumentReader(document, 'configuration'))
  } catch (cause) {
    if (!(cause instanceof MysimbdpError) || cause.code !== 'MSB_PLAN_MALFORMED') throw cause
    throw new MysimbdpError('MSB_CONFIG_INVALID', `'${name}': ${cause.message}`, { cause })
  }
}

function configOf(document: DocumentReader): PlatformConfig {
  document.only(['broker', 'engine', 'sink', 'schemaRegistry'])
  const config: PlatformConfig = {
    broker: document.get('broker').optional(brokerOf) ?? EMBEDDED_CONFIG.broker,
    engine: document.get('engine').optional(engineOf) ?? EMBEDDED_CONFIG.engine,
    sink: document.get('sink').optional(sinkOf) ?? EMBEDDED_CONFIG.sink,
    schemaRegistry: document.get('schemaRegistry').optional(registryOf) ?? null,
  }
  if (config.sink.kind === 'cassandra' && config.broker.kind !== 'kafka')
    document.get('broker').refuse('kafka where the sink is cassandra: Kafka Connect brings results there')
  if (config.engine.kind === 'spark') requireForSpark(config.broker, document.get('broker'))
  return config
}

function requireForSpark(broker: PlatformConfig['broker'], document: DocumentReader): void {
  if (broker.kind !== 'kafka') document.refuse('kafka where the engine is spark: Spark reads topics')
  const secured = (['tls', 'sasl'] as const).find((name) => broker[name] !== undefined)
  // Not by `refuse`, which says what it found: there is a password in it.
  if (secured !== undefined)
    throw new MysimbdpError('MSB_CONFIG_INVALID', `queries on Spark cannot be given what broker.${secured} says yet`)
}

function engineOf(engine: DocumentReader): PlatformConfig['engine'] {
  if (engine.get('kind').oneOf(['embedded', 'spark']) === 'embedded') {
    engine.only(['kind'])
    return { kind: 'embedded' }
  }
  engine.only(['kind', 'url', 'checkpoints', 'pages'])
  return {
    kind: 'spark',
    url: engine.get('url').text(),
    checkpoints: engine.get('checkpoints').text(),
    ...optionalTexts(engine, ['pages']),
  }
}

function brokerOf(broker: DocumentReader): PlatformConfig['broker'] {
  if (broker.get('kind').oneOf(['local', 'kafka']) === 'local') {
    broker.only(['kind'])
    return { kind: 'local' }
  }
  broker.only(['kind', 'bootstrapServers', 'partitions', 'replication', 'tls', 'sasl'])
  const tls = broker.get('tls').optional(tlsOf)
  const sasl = broker.get('sasl').optional(saslOf)
  return {
    kind: 'kafka',
    bootstrapServers: broker.get('bootstrapServers').items(text),
    partitions: broker.get('partitions').optional(whole) ?? 1,
    replication: broker.get('replication').optional(whole) ?? 1,
    ...(tls !== undefined && { tls }),
    ...(sasl !== undefined && { sasl }),
  }
}

function tlsOf(tls: DocumentReader): TlsConfig {
  const names = ['caFile', 'certificateFile', 'keyFile'] as const
  tls.only(names)
  return optionalTexts(tls, names)
}

function saslOf(sasl: DocumentReader): SaslConfig {
  sasl.only(['mechanism', 'username', 'password'])
  return {
    mechanism: sasl.get('mechanism').oneOf(saslMechanisms),
    username: sasl.get('username').text(),
    password: sasl.get('password').secret(),
  }
}

function sinkOf(sink: DocumentReader): PlatformConfig['sink'] {
  if (sink.get('kind').oneOf(['sqlite', 'cassandra']) === 'sqlite') {
    sink.only(['kind'])
    return { kind: 'sqlite' }
  }
  sink.only([
    ...['kind', 'contactPoints', 'port', 'localDataCenter', 'keyspace', 'replication'],
    ...['username', 'password', 'tls', 'connect'],
  ])
  const tls = sink.get('tls').optional((one) => {
    one.only(['caFile'])
    return optionalTexts(one, ['caFile'])
  })
  return {
    kind: 'cassandra',
    contactPoints: sink.get('contactPoints').items(text),
    port: sink.get('port').optional(whole) ?? 9042,
    localDataCenter: sink.get('localDataCenter').text(),
    keyspace: sink.get('keyspace').text(),
    replication: sink.get('replication').entries((value) => value.scalar() as string | number),
    ...optionalCredentials(sink),
    ...(tls !== undefined && { tls }),
    connect: connectOf(sink.get('connect')),
  }
}

function connectOf(connect: DocumentReader): ConnectConfig {
  connect.only(['url', 'username', 'password', 'settings'])
  // There may be passwords among them.
  const settings = connect.get('settings').optional((all) => all.entries((value) => value.secret()))
  return {
    url: connect.get('url').text(),
    ...optionalCredentials(connect),
    ...(settings !== undefined && { settings }),
  }
}

function registryOf(registry: DocumentReader): SchemaRegistryConfig {
  registry.only(['url', 'username', 'password'])
  return { url: registry.get('url').text(), ...optionalCredentials(registry) }
}

function optionalCredentials(document: DocumentReader): { readonly username?: string; readonly password?: string } {
  const password = document.get('password').optional((value) => value.secret())
  return { ...optionalTexts(document, ['username']), ...(password !== undefined && { password }) }
}

const text = (value: DocumentReader): string => value.text()
const whole = (value: DocumentReader): number => value.whole()

const optionalTexts = <Name extends string>(document: DocumentReader, names: readonly Name[]) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = document.get(name).optional(text)
      return value === undefined ? [] : [[name, value]]
    }),
  ) as { readonly [Each in Name]?: string }
