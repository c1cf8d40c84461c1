import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressesOf } from './cluster-addresses.ts'
import type { ClusterLayout } from './cluster-layout.ts'
import { keyspaceReplication, type ServerKind, topicReplication } from './cluster-shape.ts'
import { LOCAL_DATA_CENTER } from './servers/cassandra-node.ts'
import { sparkCheckpoints } from './servers/spark-server.ts'

const KEYSPACE = 'mysimbdp_coredms'

export const platformConfigurationFile = (clusterFolder: string): string => join(clusterFolder, 'platform.json')

/** What `mysimbdp start --config` needs to work on these servers; only those kinds are in it that were started. */
export function writePlatformConfiguration(
  clusterFolder: string,
  layout: ClusterLayout,
  kinds: ReadonlySet<ServerKind>,
): void {
  const { bootstrapServers, contactPoints, cqlPort, connectUrls, sparkUrl, sparkUiUrl } = addressesOf(layout)
  const broker = { kind: 'kafka', bootstrapServers, partitions: 1, replication: topicReplication(layout.shape) }
  const sink = {
    kind: 'cassandra',
    contactPoints,
    port: cqlPort,
    localDataCenter: LOCAL_DATA_CENTER,
    keyspace: KEYSPACE,
    replication: { class: 'SimpleStrategy', replication_factor: keyspaceReplication(layout.shape) },
    ...(kinds.has('connect') && { connect: { url: connectUrls[0] } }),
  }
  const engine = { kind: 'spark', url: sparkUrl, checkpoints: sparkCheckpoints(clusterFolder), pages: sparkUiUrl }
  const configuration = {
    ...(kinds.has('kafka') && { broker }),
    ...(kinds.has('cassandra') && { sink }),
    ...(kinds.has('spark') && { engine }),
  }
  const file = platformConfigurationFile(clusterFolder)
  writeFileSync(`${file}.new`, `${JSON.stringify(configuration, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}
