/** What a local cluster can be made of, in the order of `status`. */
export const serverKinds = ['kafka', 'cassandra', 'connect', 'spark', 'prometheus'] as const
export type ServerKind = (typeof serverKinds)[number]

/** `reference` is the layout of the reference system, with its weakness: see `referenceShape`. */
export type ClusterProfile = 'default' | 'reference'

/** How many servers of each kind there are, whether they are started or not. */
export interface ClusterShape {
  readonly profile: ClusterProfile
  readonly brokers: number
  readonly cassandraNodes: number
  readonly connectWorkers: number
}

export const defaultShape: ClusterShape = { profile: 'default', brokers: 1, cassandraNodes: 1, connectWorkers: 1 }

/** One broker, topics of one partition that nothing replicates, and two nodes that are asked for three replicas. */
export const referenceShape: ClusterShape = { profile: 'reference', brokers: 1, cassandraNodes: 2, connectWorkers: 1 }

/** More of a kind than this belong on more than one machine; ports and names are made for fewer than ten. */
export const SERVERS_OF_A_KIND_MAX = 9

/** Copies of each Kafka partition: three where there are brokers for them. */
export const topicReplication = ({ brokers }: Pick<ClusterShape, 'brokers'>): number => Math.min(brokers, 3)

/** Copies that must have a record before it is acknowledged: all but one, so that one broker may be lost. */
export const minInSyncReplicas = (shape: Pick<ClusterShape, 'brokers'>): number =>
  Math.max(topicReplication(shape) - 1, 1)

/** Copies that keyspaces are created with. The reference asks for three, whatever nodes there are. */
export const keyspaceReplication = ({ profile, cassandraNodes }: ClusterShape): number =>
  profile === 'reference' ? 3 : Math.min(cassandraNodes, 3)
