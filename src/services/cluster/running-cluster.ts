import type { Clock } from '#foundation/time/clock.ts'
import { Cluster, type ServerStatus } from './cluster.ts'
import { addressesOf, type ClusterAddresses } from './cluster-addresses.ts'
import { openLayout, type WantedLayout } from './cluster-folder.ts'
import { type ServerKind, serverKinds } from './cluster-shape.ts'
import { findInstallation, type Installation } from './installation.ts'
import { buildOwnSink } from './own-sink.ts'
import { platformConfigurationFile, writePlatformConfiguration } from './platform-configuration.ts'
import type { Server } from './server.ts'
import { type ServerProgress, startServer } from './start-server.ts'

export interface ClusterRequest extends WantedLayout {
  /** Where configuration, data and logs of the servers are. */
  readonly folder: string
  /** The kinds to start; Connect brings Kafka with it. */
  readonly servers: readonly ServerKind[]
  readonly clock: Clock
  onProgress?(progress: ServerProgress): void
  /** Called before Maven goes to the network. */
  onFetching?(): void
}

type Starting = Pick<ClusterRequest, 'clock'> & Required<Pick<ClusterRequest, 'onProgress'>>

/** A worker of Connect keeps all it knows in topics. */
const NEEDS: Readonly<Partial<Record<ServerKind, ServerKind>>> = { connect: 'kafka' }

/**
 * Starts the servers of these kinds that do not run yet, and resolves when all serve clients. What runs when one fails goes on:
 * the next call starts the rest, `Cluster.stop` ends all.
 * @throws MSB_PROGRAM_MISSING, MSB_CLUSTER_LIBRARIES, MSB_CLUSTER_DIFFERS, MSB_CLUSTER_PORT_TAKEN, MSB_SERVER_FAILED
 */
export async function startCluster(request: ClusterRequest): Promise<RunningCluster> {
  const { onProgress = () => {}, onFetching = () => {}, clock } = request
  const kinds = serverKinds.filter((kind) =>
    request.servers.some((wanted) => wanted === kind || NEEDS[wanted] === kind),
  )
  const installation = await findInstallation(kinds, onFetching)
  if (kinds.includes('connect')) await buildOwnSink(onFetching)
  const cluster = new Cluster(request.folder, await openLayout(request.folder, request))
  const running = new RunningCluster(cluster, installation, { clock, onProgress })
  await running.start(cluster.servers.filter(({ kind }) => kinds.includes(kind)))
  return running
}

/** A cluster whose servers were started from here: they can be killed and brought back. */
export class RunningCluster {
  readonly cluster: Cluster
  readonly addresses: ClusterAddresses
  /** What `mysimbdp start --config` needs to work on it. */
  readonly platformFile: string
  readonly #installation: Installation
  readonly #starting: Starting

  constructor(cluster: Cluster, installation: Installation, starting: Starting) {
    this.cluster = cluster
    this.addresses = addressesOf(cluster.layout)
    this.platformFile = platformConfigurationFile(cluster.folder)
    this.#installation = installation
    this.#starting = starting
  }

  /** Starts servers, each when those before it are ready. */
  async start(servers: readonly Server[]): Promise<void> {
    const starts = new Map<string, Promise<void>>()
    for (const server of servers) {
      const before = server.after.flatMap((name) => starts.get(name) ?? [])
      const start = Promise.all(before).then(() => this.#start(server))
      // Looked at below, in the order of the servers: the first that failed is why those after it did.
      start.catch(() => {})
      starts.set(server.name, start)
    }
    const outcomes = await Promise.allSettled(starts.values())
    const status = await this.cluster.status()
    const running = status.filter(({ pid }) => pid !== null).map(({ kind }) => kind)
    writePlatformConfiguration(this.cluster.folder, this.cluster.layout, new Set(running))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  #start(server: Server): Promise<void> {
    return startServer(server, this.cluster.processOf(server), this.#installation, this.#starting)
  }

  /** Kills a server (`kafka-1`) as a power cut would, and resolves when it is gone. */
  async kill(name: string): Promise<void> {
    await this.cluster.processOf(this.cluster.server(name)).stop(0)
  }

  /** Starts a server again that was killed, and resolves when it serves clients. One that runs is killed first. */
  async restart(name: string): Promise<void> {
    await this.kill(name)
    await this.#start(this.cluster.server(name))
  }

  status(): Promise<readonly ServerStatus[]> {
    return this.cluster.status()
  }

  /** Ends all servers. With a patience of 0 ms they are killed, which is quicker. */
  async stop(patienceMs?: number): Promise<void> {
    await this.cluster.stop(patienceMs)
  }
}

/** The kinds that are started where nothing is said: Prometheus is looked at by few, and not everybody has it; Spark is a second engine. */
export const usualKinds: readonly ServerKind[] = ['kafka', 'cassandra', 'connect']
