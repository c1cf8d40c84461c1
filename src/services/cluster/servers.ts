import type { ClusterLayout } from './cluster-layout.ts'
import { type ServerKind, serverKinds } from './cluster-shape.ts'
import type { Server } from './server.ts'
import { cassandraNode } from './servers/cassandra-node.ts'
import { connectWorker } from './servers/connect-worker.ts'
import { kafkaBroker } from './servers/kafka-broker.ts'
import { prometheusServer } from './servers/prometheus-server.ts'
import { sparkServer } from './servers/spark-server.ts'

/** All servers of a cluster, started or not, kind by kind. */
export function serversOf(layout: ClusterLayout, clusterFolder: string): readonly Server[] {
  const ofKind: Readonly<Record<ServerKind, readonly Server[]>> = {
    kafka: layout.brokers.map((_, index) => kafkaBroker(index, layout, clusterFolder)),
    cassandra: layout.cassandraNodes.map((_, index) => cassandraNode(index, layout, clusterFolder)),
    connect: layout.connectWorkers.map((_, index) => connectWorker(index, layout, clusterFolder)),
    spark: [sparkServer(layout, clusterFolder)],
    prometheus: [prometheusServer(layout, clusterFolder)],
  }
  return serverKinds.flatMap((kind) => ofKind[kind])
}
