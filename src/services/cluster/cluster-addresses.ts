import type { ClusterLayout } from './cluster-layout.ts'

/** Where clients find the servers of a cluster, whether they run or not. */
export interface ClusterAddresses {
  /** `127.0.0.1:27092` for each broker. */
  readonly bootstrapServers: readonly string[]
  /** Hosts of the Cassandra nodes; all have the same port. */
  readonly contactPoints: readonly string[]
  readonly cqlPort: number
  /** `http://127.0.0.1:27083` for each worker. */
  readonly connectUrls: readonly string[]
  /** `sc://127.0.0.1:27002`, as clients of Spark Connect write it. */
  readonly sparkUrl: string
  /** Spark's own pages: jobs, stages, streaming queries. */
  readonly sparkUiUrl: string
  readonly prometheusUrl: string
  /** Where each server that has an agent shows its figures, by the server's name. */
  readonly metricsUrls: Readonly<Record<string, string>>
}

export function addressesOf(layout: ClusterLayout): ClusterAddresses {
  const { brokers, cassandraNodes, connectWorkers, spark, prometheus } = layout
  const metricsUrls = (kind: string, places: readonly { readonly host: string; readonly metricsPort: number }[]) =>
    places.map(({ host, metricsPort }, index) => [`${kind}-${index + 1}`, `http://${host}:${metricsPort}/metrics`])
  return {
    bootstrapServers: brokers.map(({ host, port }) => `${host}:${port}`),
    contactPoints: cassandraNodes.map(({ host }) => host),
    cqlPort: cassandraNodes[0]!.port,
    connectUrls: connectWorkers.map(({ host, port }) => `http://${host}:${port}`),
    sparkUrl: `sc://${spark.host}:${spark.port}`,
    sparkUiUrl: `http://${spark.host}:${spark.uiPort}`,
    prometheusUrl: `http://${prometheus.host}:${prometheus.port}`,
    metricsUrls: Object.fromEntries([
      ...metricsUrls('kafka', brokers),
      ...metricsUrls('cassandra', cassandraNodes),
      ...metricsUrls('connect', connectWorkers),
    ]) as Record<string, string>,
  }
}
