import { resolve } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { readLayout } from './cluster-folder.ts'
import type { ClusterLayout } from './cluster-layout.ts'
import type { ServerKind } from './cluster-shape.ts'
import { isListening } from './ports.ts'
import type { Server } from './server.ts'
import { ServerProcess } from './server-process.ts'
import { serversOf } from './servers.ts'

/** How one server of a cluster is. */
export interface ServerStatus {
  readonly server: string
  readonly kind: ServerKind
  /** `port taken`: it does not run, and another program listens in its place. */
  readonly state: 'ready' | 'starting' | 'stopped' | 'port taken'
  readonly pid: number | null
  /** `127.0.0.1:27092` */
  readonly address: string
  readonly log: string
}

export interface StoppedServer {
  readonly server: string
  readonly outcome: 'ended' | 'was killed'
}

/** How long a server may take to end before it is made to. */
const STOP_PATIENCE_MS = 20_000

/** The servers of a folder, running or not, and their processes. */
export class Cluster {
  /** Absolute: the paths in the command lines of its servers begin with it. */
  readonly folder: string
  readonly layout: ClusterLayout
  readonly servers: readonly Server[]
  readonly #processes: ReadonlyMap<string, ServerProcess>

  constructor(folder: string, layout: ClusterLayout) {
    this.folder = resolve(folder)
    this.layout = layout
    this.servers = serversOf(layout, this.folder)
    this.#processes = new Map(this.servers.map((server) => [server.name, new ServerProcess(server, this.folder)]))
  }

  /** @throws MSB_CLUSTER_NOT_FOUND */
  static find(folder: string): Cluster {
    return new Cluster(folder, readLayout(folder))
  }

  /** @throws MSB_CLUSTER_NOT_FOUND for a name that no server has */
  server(name: string): Server {
    const server = this.servers.find((one) => one.name === name)
    if (server !== undefined) return server
    const names = this.servers.map((one) => one.name).join(', ')
    throw new MysimbdpError('MSB_CLUSTER_NOT_FOUND', `the cluster has no server '${name}', only ${names}`)
  }

  processOf(server: Server): ServerProcess {
    return this.#processes.get(server.name)!
  }

  async status(): Promise<readonly ServerStatus[]> {
    return Promise.all(
      this.servers.map(async (server) => {
        const process = this.processOf(server)
        const { host, port } = server.address
        return {
          server: server.name,
          kind: server.kind,
          state: await stateOf(server, process),
          pid: process.pid(),
          address: `${host}:${port}`,
          log: process.logFile,
        }
      }),
    )
  }

  /** Ends every server that runs: first those that use brokers, then the brokers. Answers those that ran. */
  async stop(patienceMs: number = STOP_PATIENCE_MS): Promise<readonly StoppedServer[]> {
    const stop = async (servers: readonly Server[]): Promise<readonly StoppedServer[]> => {
      const outcomes = await Promise.all(
        servers.map(async (server) => ({
          server: server.name,
          outcome: await this.processOf(server).stop(patienceMs),
        })),
      )
      return outcomes.filter((one): one is StoppedServer => one.outcome !== 'was not running')
    }
    const users = await stop(this.servers.filter(({ kind }) => kind !== 'kafka'))
    return [...users, ...(await stop(this.servers.filter(({ kind }) => kind === 'kafka')))]
  }

  /** Makes all servers end at once, without waiting: for a process that is ending itself. */
  killNow(): void {
    for (const process of this.#processes.values()) process.killNow()
  }
}

async function stateOf(server: Server, process: ServerProcess): Promise<ServerStatus['state']> {
  if (process.pid() === null) return (await isListening(server.address)) ? 'port taken' : 'stopped'
  return (await server.isReady(process.log())) ? 'ready' : 'starting'
}
