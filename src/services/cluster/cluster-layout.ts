import { randomId } from '#foundation/random/random-id.ts'
import type { ClusterShape } from './cluster-shape.ts'
import { freePorts } from './ports.ts'

interface ServerPlace {
  readonly host: string
  readonly port: number
  /** Where the agent in its JVM shows its figures to Prometheus. */
  readonly metricsPort: number
}

export interface BrokerPlace extends ServerPlace {
  readonly controllerPort: number
  /** Kafka's id of the folder with the broker's data. */
  readonly directoryId: string
}

export interface CassandraPlace extends ServerPlace {
  /** Where the nodes of the ring speak with each other. */
  readonly storagePort: number
}

export interface SparkPlace {
  readonly host: string
  /** Of Spark Connect. */
  readonly port: number
  /** Of Spark's own pages. */
  readonly uiPort: number
}

/** Where every server of a cluster listens, kept in its folder: what was chosen once stays. */
export interface ClusterLayout {
  readonly shape: ClusterShape
  /** Kafka's id of the cluster. */
  readonly clusterId: string
  readonly brokers: readonly BrokerPlace[]
  readonly cassandraNodes: readonly CassandraPlace[]
  readonly connectWorkers: readonly ServerPlace[]
  readonly spark: SparkPlace
  readonly prometheus: { readonly host: string; readonly port: number }
  /** Settings of brokers that go before our own, for those who try something out. */
  readonly brokerProperties: Readonly<Record<string, string>>
  /** The same for nodes of Cassandra, as `cassandra.yaml` has them. */
  readonly cassandraSettings?: Readonly<Record<string, unknown>>
}

/** Answers a port for what is at place `index` among those of its kind. */
type ChoosePort = (usual: number, index: number) => number

/** What servers of one kind are apart by. */
const USUAL_DISTANCE = 100
const usualPort: ChoosePort = (usual, index) => usual + USUAL_DISTANCE * index

export const LOOPBACK = '127.0.0.1'

/** The ports that `usual` clusters have: Kafka on 27092, Cassandra on 27042, Connect on 27083, Spark on 27002, Prometheus on 27090. */
export const usualLayout = (shape: ClusterShape, brokerProperties: ClusterLayout['brokerProperties']): ClusterLayout =>
  layout(shape, brokerProperties, usualPort)

/** Any free ports, for clusters that must not meet others. */
export async function freeLayout(
  shape: ClusterShape,
  brokerProperties: ClusterLayout['brokerProperties'],
): Promise<ClusterLayout> {
  let count = 0
  layout(shape, brokerProperties, () => count++)
  const ports = [...(await freePorts(count))]
  return layout(shape, brokerProperties, () => ports.pop()!)
}

function layout(
  shape: ClusterShape,
  brokerProperties: ClusterLayout['brokerProperties'],
  port: ChoosePort,
): ClusterLayout {
  const each = <T>(count: number, place: (index: number) => T): readonly T[] =>
    Array.from({ length: count }, (_, index) => place(index))
  const [cqlPort, storagePort] = [port(27042, 0), port(27000, 0)]
  return {
    shape,
    clusterId: kafkaId(),
    brokers: each(shape.brokers, (index) => ({
      host: LOOPBACK,
      port: port(27092, index),
      controllerPort: port(27093, index),
      metricsPort: port(27101, index),
      directoryId: kafkaId(),
    })),
    // The nodes of a ring have the same ports, so each has an address of its own.
    cassandraNodes: each(shape.cassandraNodes, (index) => ({
      host: `127.0.0.${index + 1}`,
      port: cqlPort,
      storagePort,
      metricsPort: port(27103, index),
    })),
    connectWorkers: each(shape.connectWorkers, (index) => ({
      host: LOOPBACK,
      port: port(27083, index),
      metricsPort: port(27102, index),
    })),
    spark: sparkPlace(port),
    prometheus: { host: LOOPBACK, port: port(27090, 0) },
    brokerProperties,
  }
}

const sparkPlace = (port: ChoosePort): SparkPlace => ({
  host: LOOPBACK,
  port: port(27002, 0),
  uiPort: port(27040, 0),
})

/** Of a cluster that was made before there was Spark. */
export const usualSparkPlace = sparkPlace(usualPort)

/** 16 random bytes in Kafka's way of writing them. One that begins with a hyphen would be taken for an option. */
function kafkaId(): string {
  const id = Buffer.from(randomId().replaceAll('-', ''), 'hex').toString('base64url')
  return id.startsWith('-') ? kafkaId() : id
}
