import type { AppPlan, QueryPlan } from '#language/plan/plan.ts'
import { refusedRowsTopicOf, resultTopicOf } from '#language/plan/topic-names.ts'
import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import type { ConnectorConfig } from './connect-client.ts'
import type { WatchedConnector } from './connector-watch.ts'

/** The connector of this project; DataStax' takes the same settings. */
export const CASSANDRA_SINK_CLASS = 'org.mysimbdp.connect.CassandraSinkConnector'

/** What a connector has to know of the table that a topic goes to. */
export interface SinkTable {
  readonly keyspace: string
  readonly table: string
  readonly isWindowed: boolean
  readonly bucketSpan: number
  readonly place: Readonly<Record<'bucket' | 'windowStart' | 'windowEnd' | 'partition' | 'offset' | 'key', string>>
  readonly columns: readonly { readonly name: string; readonly type: FieldType }[]
}

export interface CassandraSinkChoice {
  readonly connectorClass?: string
  /** Tasks share the partitions of the topic; 1 when absent. */
  readonly tasks?: number
  readonly contactPoints: readonly string[]
  readonly port: number
  readonly localDataCenter: string
  readonly username?: string
  readonly password?: string
  /** Certificates are checked by what the JVM of the worker trusts, or as `settings` say. */
  readonly isEncrypted?: boolean
  /** Settings that go before those here: `ssl.truststore.path`, or a password that the worker reads from a file. */
  readonly settings?: ConnectorConfig
  readonly consistency?: string
  /** Replicas of the dead-letter topic. */
  readonly replication: number
}

export interface ResultRoute {
  readonly name: string
  readonly topic: string
  readonly deadLetterTopic: string
}

/** Names of a query's connector and topics. */
export const resultRoute = (app: string, query: string): ResultRoute => ({
  name: `${app}_${query}`,
  topic: resultTopicOf(app, query),
  deadLetterTopic: refusedRowsTopicOf(app, query),
})

/** The connectors of an app's results. `setUpTable` makes the table of a query where it is missing, and answers it as it is. */
export const cassandraConnectors = (
  { name, queries }: AppPlan,
  setUpTable: (query: QueryPlan) => Promise<SinkTable & { readonly isNew: boolean }>,
  choice: CassandraSinkChoice,
): readonly WatchedConnector[] =>
  queries.map((query) => {
    const route = resultRoute(name, query.name)
    return {
      name: route.name,
      query: query.name,
      prepare: async () => {
        const table = await setUpTable(query)
        return { config: connectorConfig(route, table, choice), isStoreNew: table.isNew }
      },
    }
  })

/**
 * The connector that writes a result topic into its table. Values are handed over as text: the sink reads numbers with all their digits, which
 * Connect's JSON converter would make doubles of.
 */
export function connectorConfig(route: ResultRoute, table: SinkTable, choice: CassandraSinkChoice): ConnectorConfig {
  const { name, topic } = route
  const tableSetting = `topic.${topic}.${table.keyspace}.${table.table}`
  return {
    'connector.class': choice.connectorClass ?? CASSANDRA_SINK_CLASS,
    name,
    topics: topic,
    'tasks.max': String(choice.tasks ?? 1),
    contactPoints: choice.contactPoints.join(', '),
    port: String(choice.port),
    'loadBalancing.localDc': choice.localDataCenter,
    ...(choice.username !== undefined && {
      'auth.provider': 'PLAIN',
      'auth.username': choice.username,
      'auth.password': choice.password ?? '',
    }),
    ...(choice.isEncrypted === true && { 'ssl.provider': 'JDK' }),
    ...DRIVER_PATIENCE,
    [`${tableSetting}.mapping`]: mappingOf(table),
    [`${tableSetting}.consistencyLevel`]: choice.consistency ?? 'LOCAL_QUORUM',
    // A null takes the place of an earlier value.
    [`${tableSetting}.nullToUnset`]: 'false',
    [`topic.${topic}.codec.timestamp`]: 'ISO_OFFSET_DATE_TIME',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    transforms: 'place',
    'transforms.place.type': 'org.mysimbdp.connect.ResultPlace',
    'transforms.place.windowed': String(table.isWindowed),
    'transforms.place.bucket.span': String(table.bucketSpan),
    'transforms.place.doubles': namesOfType(table, 'double'),
    'transforms.place.floats': namesOfType(table, 'float'),
    ...deliverySettings(route, choice.replication),
    ...choice.settings,
  }
}

/** With the two seconds the driver allows itself, a busy cluster seems to have no keyspaces, and the task fails. */
const DRIVER_PATIENCE: ConnectorConfig = {
  'datastax-java-driver.advanced.metadata.schema.request-timeout': '30 seconds',
  'datastax-java-driver.advanced.control-connection.timeout': '30 seconds',
  'datastax-java-driver.advanced.connection.init-query-timeout': '30 seconds',
  'datastax-java-driver.advanced.connection.connect-timeout': '30 seconds',
}

/** Settings that any connector on a result topic should have: committed records alone, and bad ones kept. */
export const deliverySettings = (
  { deadLetterTopic }: Pick<ResultRoute, 'deadLetterTopic'>,
  replication: number,
): ConnectorConfig => ({
  'consumer.override.isolation.level': 'read_committed',
  'consumer.override.auto.offset.reset': 'earliest',
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': deadLetterTopic,
  'errors.deadletterqueue.topic.replication.factor': String(replication),
  'errors.deadletterqueue.context.headers.enable': 'true',
  'errors.log.enable': 'true',
})

/** Columns from fields, as DataStax' connector wants them. The place of a row comes from headers, see `ResultPlace` in the sink. */
function mappingOf({ isWindowed, place, columns }: SinkTable): string {
  const placed = isWindowed
    ? [
        [place.bucket, 'header.bucket'],
        [place.windowStart, 'header.window_start'],
        [place.windowEnd, 'header.window_end'],
        [place.key, 'header.key'],
      ]
    : [
        [place.bucket, 'header.bucket'],
        [place.partition, 'header.partition'],
        [place.offset, 'header.offset'],
        [place.key, 'header.key'],
      ]
  const fields = columns.map(({ name, type }) => [name, hasHeader(type) ? `header.number_${name}` : `value.${name}`])
  return [...placed, ...fields].map(([column, field]) => `"${column}"=${field}`).join(', ')
}

/** Doubles and floats come in headers: the core refuses those that Java writes with other digits, such as 5e-324. */
const hasHeader = ({ kind }: FieldType): boolean => kind === 'double' || kind === 'float'

const namesOfType = ({ columns }: SinkTable, kind: TypeKind): string =>
  columns.flatMap(({ name, type }) => (type.kind === kind ? [name] : [])).join(',')
