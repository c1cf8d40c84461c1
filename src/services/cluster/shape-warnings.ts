import { type ClusterShape, keyspaceReplication } from './cluster-shape.ts'

/** What somebody who chose this shape should know, in sentences. */
export function shapeWarnings(shape: ClusterShape): readonly string[] {
  const { brokers, cassandraNodes } = shape
  const replicas = keyspaceReplication(shape)
  return [
    ...(replicas > cassandraNodes
      ? [
          `Keyspaces ask for ${replicas} replicas, and ${cassandraNodes} Cassandra nodes hold ${cassandraNodes}: a consistency level of QUORUM needs every node, and ALL never succeeds.`,
        ]
      : []),
    ...(brokers === 2
      ? ['With 2 brokers the loss of either stops Kafka: half of its controllers are no majority. Take 3.']
      : []),
  ]
}
