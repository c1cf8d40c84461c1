import { mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { LOCAL_CLUSTER } from '../class-paths.ts'
import type { ClusterLayout } from '../cluster-layout.ts'
import { jarsOf } from '../installation.ts'
import { isListening } from '../ports.ts'
import type { Server } from '../server.ts'

const NAME = 'spark-1'
const MAIN_CLASS = 'org.apache.spark.sql.connect.service.SparkConnectServer'

/** As many as the reference gives its queries; partitions of a shuffle beyond them only cost. */
const THREADS = 2

/** Packages of Java that Spark reaches into: `JavaModuleOptions.defaultModuleOptions()` of Spark's launcher names them. */
const OPENED_PACKAGES = [
  ...[
    'lang',
    'lang.invoke',
    'lang.reflect',
    'io',
    'net',
    'nio',
    'util',
    'util.concurrent',
    'util.concurrent.atomic',
  ].map((name) => `java.base/java.${name}`),
  'java.base/jdk.internal.ref',
  ...['nio.ch', 'nio.cs', 'security.action', 'util.calendar'].map((name) => `java.base/sun.${name}`),
  'java.security.jgss/sun.security.krb5',
]

/** Avro's library makes room for as much as a record says that it has: without a limit a damaged record takes all memory there is. */
const AVRO_LENGTH_MAX = 16 * 1024 * 1024
const AVRO_LIMITS = ['string.maxLength', 'bytes.maxLength', 'collectionItems.maxLength'].map(
  (name) => `-Dorg.apache.avro.limits.${name}=${AVRO_LENGTH_MAX}`,
)

/** Where queries on the Spark of a cluster keep how far they are. */
export const sparkCheckpoints = (clusterFolder: string): string => join(clusterFolder, NAME, 'checkpoints')

/** Spark in one process, which clients reach through Spark Connect. It brings the connector for Kafka, and the reader of Avro. */
export function sparkServer(layout: ClusterLayout, clusterFolder: string): Server {
  const { host, port, uiPort } = layout.spark
  const folder = join(clusterFolder, NAME)
  return {
    name: NAME,
    kind: 'spark',
    folder,
    address: { host, port },
    listens: [port, uiPort].map((one) => ({ host, port: one })),
    after: [],
    prepare: async (installation) => {
      mkdirSync(sparkCheckpoints(clusterFolder), { recursive: true })
      const settings = Object.entries(sparkSettings(layout, folder)).map(([name, value]) => `-D${name}=${value}`)
      return {
        program: installation.java,
        arguments: [
          '-Xms128m',
          '-Xmx1g',
          '-XX:+IgnoreUnrecognizedVMOptions',
          '--add-modules=jdk.incubator.vector',
          ...OPENED_PACKAGES.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
          '-Dio.netty.tryReflectionSetAccessible=true',
          ...AVRO_LIMITS,
          `-Dlog4j2.configurationFile=${join(LOCAL_CLUSTER, 'spark', 'log4j2.properties')}`,
          ...settings,
          '-cp',
          jarsOf('spark', installation).join(delimiter),
          MAIN_CLASS,
        ],
        folder,
      }
    },
    // It listens when all of Spark has started.
    isReady: () => isListening({ host, port }),
  }
}

function sparkSettings({ spark }: ClusterLayout, folder: string): Readonly<Record<string, string | number>> {
  const { host, port, uiPort } = spark
  return {
    'spark.master': `local[${THREADS}]`,
    'spark.app.name': 'mysimbdp',
    'spark.driver.host': host,
    'spark.driver.bindAddress': host,
    'spark.connect.grpc.binding.address': host,
    'spark.connect.grpc.binding.port': port,
    // Queries live as long as they are wanted, not as long as somebody asks for them. It also spares the closing of sessions, for which the server wants a
    // package (mllib) that the Maven registry does not have in this version.
    'spark.connect.session.manager.defaultSessionTimeout': -1,
    'spark.ui.enabled': 'true',
    'spark.ui.port': uiPort,
    'spark.ui.showConsoleProgress': 'false',
    'spark.sql.session.timeZone': 'UTC',
    'spark.sql.shuffle.partitions': THREADS,
    'spark.local.dir': join(folder, 'local'),
    'spark.sql.warehouse.dir': join(folder, 'warehouse'),
  }
}
