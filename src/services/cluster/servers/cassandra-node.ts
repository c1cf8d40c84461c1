import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { LOCAL_CLUSTER } from '../class-paths.ts'
import type { ClusterLayout } from '../cluster-layout.ts'
import { yamlText } from '../configuration-text.ts'
import { jarOf, jarsOf, metricsAgent, QUICK_COMPILER } from '../installation.ts'
import { isListening } from '../ports.ts'
import type { Server } from '../server.ts'

const READY = 'Starting listening for CQL clients'

/** The data center that SimpleSnitch puts every node into. */
export const LOCAL_DATA_CENTER = 'datacenter1'

/** A node of the ring; all but the first join it. */
export function cassandraNode(index: number, layout: ClusterLayout, clusterFolder: string): Server {
  const place = layout.cassandraNodes[index]!
  const { host, port, storagePort, metricsPort } = place
  const name = `cassandra-${index + 1}`
  const folder = join(clusterFolder, name)
  const configuration = join(folder, 'cassandra.yaml')
  return {
    name,
    kind: 'cassandra',
    folder,
    address: place,
    listens: [port, storagePort, metricsPort].map((one) => ({ host, port: one })),
    // Nodes join one after the other: two at once might take the same part of the ring.
    after: index === 0 ? [] : [`cassandra-${index}`],
    prepare: async (installation) => {
      mkdirSync(join(folder, 'tmp'), { recursive: true })
      writeFileSync(configuration, yamlText(nodeSettings(index, layout, folder)))
      return {
        program: installation.java,
        arguments: [
          `@${join(LOCAL_CLUSTER, 'cassandra', 'jvm17.options')}`,
          '-Xms512m',
          '-Xmx1g',
          QUICK_COMPILER,
          `-javaagent:${jarOf('cassandra', 'jamm', installation)}`,
          metricsAgent('cassandra', place, installation),
          ...systemProperties(folder, configuration),
          '-cp',
          jarsOf('cassandra', installation).join(delimiter),
          'org.apache.cassandra.service.CassandraDaemon',
        ],
        folder,
      }
    },
    isReady: async (log) => log.includes(READY) && (await isListening(place)),
  }
}

const systemProperties = (folder: string, configuration: string): readonly string[] => [
  `-Dcassandra.config=file:${configuration}`,
  `-Dlogback.configurationFile=${join(LOCAL_CLUSTER, 'cassandra', 'logback.xml')}`,
  `-Dcassandra.storagedir=${folder}`,
  `-Dcassandra.logdir=${join(folder, 'logs')}`,
  // Native libraries are unpacked there; the system's own folder may forbid to run them.
  `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
  '-Dcassandra-foreground=yes',
  // Made for rings over many machines: half a minute of waiting for gossip, another for the ring to settle.
  '-Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.ring_delay_ms=5000',
]

function nodeSettings(index: number, layout: ClusterLayout, folder: string): Readonly<Record<string, unknown>> {
  const { host, port, storagePort } = layout.cassandraNodes[index]!
  const seeds = `${layout.cassandraNodes[0]!.host}:${storagePort}`
  return {
    cluster_name: 'mysimbdp local cluster',
    num_tokens: 16,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    seed_provider: [{ class_name: 'org.apache.cassandra.locator.SimpleSeedProvider', parameters: [{ seeds }] }],
    listen_address: host,
    rpc_address: host,
    storage_port: storagePort,
    native_transport_port: port,
    endpoint_snitch: 'SimpleSnitch',
    // A row is on the disk before it is acknowledged: there is one copy, and Kafka Connect sends no row again that was acknowledged. With the default, rows of
    // the moments before a kill were lost.
    commitlog_sync: 'batch',
    data_file_directories: [join(folder, 'data')],
    commitlog_directory: join(folder, 'commitlog'),
    saved_caches_directory: join(folder, 'saved_caches'),
    hints_directory: join(folder, 'hints'),
    auto_snapshot: false,
    concurrent_reads: 8,
    // Each waits for the disk.
    concurrent_writes: 32,
    memtable_heap_space: '192MiB',
    memtable_offheap_space: '64MiB',
    file_cache_size: '64MiB',
    key_cache_size: '16MiB',
    ...layout.cassandraSettings,
  }
}
