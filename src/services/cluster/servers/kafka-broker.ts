import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { LOCAL_CLUSTER } from '../class-paths.ts'
import type { BrokerPlace, ClusterLayout } from '../cluster-layout.ts'
import { minInSyncReplicas, topicReplication } from '../cluster-shape.ts'
import { propertiesText } from '../configuration-text.ts'
import { type Installation, jarsOf, metricsAgent, QUICK_COMPILER } from '../installation.ts'
import { isListening } from '../ports.ts'
import type { Server } from '../server.ts'

const run = promisify(execFile)

const READY = 'started (kafka.server.KafkaRaftServer)'

/** A broker that is one of the controllers too (KRaft). */
export function kafkaBroker(index: number, layout: ClusterLayout, clusterFolder: string): Server {
  const place = layout.brokers[index]!
  const name = `kafka-${index + 1}`
  const folder = join(clusterFolder, name)
  const configuration = join(folder, 'server.properties')
  const data = join(folder, 'data')
  return {
    name,
    kind: 'kafka',
    folder,
    address: place,
    listens: [place.port, place.controllerPort, place.metricsPort].map((port) => ({ host: place.host, port })),
    after: [],
    prepare: async (installation) => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(configuration, propertiesText(brokerProperties(index, layout, data)))
      if (!existsSync(join(data, 'meta.properties'))) await formatStorage(name, configuration, layout, installation)
      return {
        program: installation.java,
        arguments: [
          '-Xms128m',
          '-Xmx512m',
          '-XX:+UseG1GC',
          QUICK_COMPILER,
          `-Dlog4j2.configurationFile=${join(LOCAL_CLUSTER, 'kafka', 'log4j2.yaml')}`,
          metricsAgent('kafka', place, installation),
          '-cp',
          jarsOf('kafka', installation).join(delimiter),
          'kafka.Kafka',
          configuration,
        ],
        folder,
      }
    },
    isReady: async (log) => log.includes(READY) && (await isListening(place)),
  }
}

const controllerAddress = ({ host, controllerPort }: BrokerPlace): string => `${host}:${controllerPort}`

function brokerProperties(
  index: number,
  layout: ClusterLayout,
  data: string,
): Readonly<Record<string, string | number>> {
  const { host, port, controllerPort } = layout.brokers[index]!
  const [replication, minInSync] = [topicReplication(layout.shape), minInSyncReplicas(layout.shape)]
  return {
    'process.roles': 'broker,controller',
    'node.id': index + 1,
    'controller.quorum.bootstrap.servers': layout.brokers.map(controllerAddress).join(','),
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': data,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replication,
    'min.insync.replicas': minInSync,
    'offsets.topic.replication.factor': replication,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': replication,
    'transaction.state.log.min.isr': minInSync,
    'transaction.state.log.num.partitions': 8,
    'share.coordinator.state.topic.replication.factor': replication,
    'share.coordinator.state.topic.min.isr': minInSync,
    // Nobody else is about to join: a consumer need not wait for others.
    'group.initial.rebalance.delay.ms': 0,
    ...layout.brokerProperties,
  }
}

/** Writes the ids of cluster, node and folder into the broker's data folder; needed once. */
async function formatStorage(
  name: string,
  configuration: string,
  { clusterId, brokers }: ClusterLayout,
  installation: Installation,
): Promise<void> {
  const controllers = brokers.map((one, index) => `${index + 1}@${controllerAddress(one)}:${one.directoryId}`)
  const classPath = jarsOf('kafka', installation).join(delimiter)
  const format = ['format', '--ignore-formatted', '-t', clusterId, '--initial-controllers', controllers.join(',')]
  try {
    await run(installation.java, [
      '-Xmx128m',
      '-cp',
      classPath,
      'kafka.tools.StorageTool',
      ...format,
      '-c',
      configuration,
    ])
  } catch (error) {
    const { stderr, stdout } = error as { readonly stderr: string; readonly stdout: string }
    throw new MysimbdpError(
      'MSB_SERVER_FAILED',
      `the data folder of ${name} cannot be formatted:\n${stderr || stdout}`,
      {
        cause: error,
      },
    )
  }
}
