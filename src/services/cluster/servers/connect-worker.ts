import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { answersOk } from '../answers-ok.ts'
import { LOCAL_CLUSTER } from '../class-paths.ts'
import type { ClusterLayout } from '../cluster-layout.ts'
import { topicReplication } from '../cluster-shape.ts'
import { propertiesText } from '../configuration-text.ts'
import { jarsOf, metricsAgent, QUICK_COMPILER } from '../installation.ts'
import { copyOwnSink } from '../own-sink.ts'
import type { Server } from '../server.ts'

/** A worker of distributed Kafka Connect. Its connectors are in `plugins` of the cluster's folder, where others may be added. */
export function connectWorker(index: number, layout: ClusterLayout, clusterFolder: string): Server {
  const place = layout.connectWorkers[index]!
  const { host, port, metricsPort } = place
  const name = `connect-${index + 1}`
  const folder = join(clusterFolder, name)
  const configuration = join(folder, 'worker.properties')
  const plugins = join(clusterFolder, 'plugins')
  return {
    name,
    kind: 'connect',
    folder,
    address: place,
    listens: [port, metricsPort].map((one) => ({ host, port: one })),
    // Each worker creates the three topics that all share, where they are missing.
    after: [...layout.brokers.map((_, broker) => `kafka-${broker + 1}`), ...(index === 0 ? [] : ['connect-1'])],
    prepare: async (installation) => {
      for (const each of [folder, plugins]) mkdirSync(each, { recursive: true })
      copyOwnSink(plugins)
      writeFileSync(configuration, propertiesText(workerProperties(index, layout, plugins)))
      return {
        program: installation.java,
        arguments: [
          '-Xms128m',
          '-Xmx512m',
          QUICK_COMPILER,
          `-Dlog4j2.configurationFile=${join(LOCAL_CLUSTER, 'connect', 'log4j2.yaml')}`,
          metricsAgent('connect', place, installation),
          '-cp',
          jarsOf('kafka', installation).join(delimiter),
          'org.apache.kafka.connect.cli.ConnectDistributed',
          configuration,
        ],
        folder,
      }
    },
    isReady: () => answersOk(`http://${host}:${port}/connectors`),
  }
}

function workerProperties(
  index: number,
  layout: ClusterLayout,
  plugins: string,
): Readonly<Record<string, string | number>> {
  const { host, port } = layout.connectWorkers[index]!
  const replication = topicReplication(layout.shape)
  return {
    'bootstrap.servers': layout.brokers.map((broker) => `${broker.host}:${broker.port}`).join(','),
    'group.id': 'mysimbdp-connect',
    listeners: `HTTP://${host}:${port}`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    'config.storage.topic': 'connect-configs',
    'offset.storage.topic': 'connect-offsets',
    'status.storage.topic': 'connect-status',
    'config.storage.replication.factor': replication,
    'offset.storage.replication.factor': replication,
    'status.storage.replication.factor': replication,
    'offset.storage.partitions': 1,
    'status.storage.partitions': 1,
    // The tasks of a worker that was killed wait so long for its return; five minutes by default.
    'scheduled.rebalance.max.delay.ms': 10_000,
    'plugin.path': plugins,
    'plugin.discovery': 'hybrid_warn',
  }
}
