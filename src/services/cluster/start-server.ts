import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { delay } from '#foundation/time/timers.ts'
import type { Installation } from './installation.ts'
import { requireFree } from './ports.ts'
import type { Server } from './server.ts'
import type { ServerProcess } from './server-process.ts'

/** What is heard of a server while it starts. */
export interface ServerProgress {
  readonly server: string
  readonly state: 'starting' | 'ready' | 'runs already'
  /** Since it was started; of one that runs already, since it was looked at. */
  readonly seconds: number
}

/** Cassandra took 81 s on two busy cores; nobody waits so long for a server that will not come: its process ends. */
const READY_LIMIT_MS = 300_000
const READY_POLL_MS = 200
const LOG_LINES = 12

/**
 * Starts a server, unless it runs, and resolves when it serves clients.
 * @throws MSB_CLUSTER_PORT_TAKEN, MSB_SERVER_FAILED with the end of its log
 */
export async function startServer(
  server: Server,
  process: ServerProcess,
  installation: Installation,
  { clock, onProgress }: { readonly clock: Clock; onProgress(progress: ServerProgress): void },
): Promise<void> {
  const began = clock.monotonicMs()
  const tell = (state: ServerProgress['state']): void =>
    onProgress({ server: server.name, state, seconds: (clock.monotonicMs() - began) / 1000 })
  const runs = process.pid() !== null
  if (!runs) {
    await requireFree(server.name, server.listens)
    const launch = await server.prepare(installation)
    process.start(launch)
    tell('starting')
  }
  // Its process is looked at after the port: another program that took the port meanwhile must not pass for it.
  while (!(await server.isReady(process.log())) || process.pid() === null) {
    if (process.pid() === null) throw failed(server, process, 'ended while it started')
    if (clock.monotonicMs() - began > READY_LIMIT_MS)
      throw failed(server, process, `is not ready after ${READY_LIMIT_MS / 1000} s`)
    await delay(READY_POLL_MS)
  }
  tell(runs ? 'runs already' : 'ready')
}

function failed({ name }: Server, process: ServerProcess, what: string): MysimbdpError {
  const lines = process.log().trimEnd().split('\n')
  // A stack says where in the server; the lines before it say what is wrong.
  const said = lines.filter((line) => !/^\s+at |^\s*\.\.\. \d+ more/.test(line)).slice(-LOG_LINES)
  return new MysimbdpError('MSB_SERVER_FAILED', `${name} ${what}. The end of its log:\n${said.join('\n')}`, {
    where: { log: process.logFile },
  })
}
