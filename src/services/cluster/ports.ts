import { connect, createServer } from 'node:net'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomInteger } from '#foundation/random/random-integer.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Below the ports that systems lend to outgoing connections: a server that was stopped finds its own free again. */
const FREE_PORTS = { from: 20_000, below: 27_000 } as const
const CONNECT_TIMEOUT_MS = 2000

/** Whether something accepts connections there. */
export function isListening({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS })
    const answer = (listening: boolean): void => {
      socket.destroy()
      resolve(listening)
    }
    socket.on('connect', () => answer(true))
    socket.on('error', () => answer(false))
    socket.on('timeout', () => answer(false))
  })
}

/** Why nothing can listen there: the code of the system's error, such as EADDRINUSE; null where it can. */
export function listenProblem({ host, port }: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
}

/** So many different ports of 127.0.0.1 on which nothing listens. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInteger(FREE_PORTS.from, FREE_PORTS.below)
    if (!ports.has(port) && (await listenProblem({ host: '127.0.0.1', port })) === null) ports.add(port)
  }
  return [...ports]
}

/** @throws MSB_CLUSTER_PORT_TAKEN when the server could not listen on one of its ports */
export async function requireFree(server: string, addresses: readonly Address[]): Promise<void> {
  for (const { host, port } of addresses) {
    const problem = await listenProblem({ host, port })
    if (problem === null) continue
    if (problem === 'EADDRNOTAVAIL')
      throw new MysimbdpError(
        'MSB_CLUSTER_PORT_TAKEN',
        `${server} cannot listen on ${host}: this machine has no such address`,
        {
          hint: `Add it; on macOS with \`sudo ifconfig lo0 alias ${host}\`.`,
        },
      )
    const reason = problem === 'EADDRINUSE' ? 'another program uses that port' : problem
    throw new MysimbdpError('MSB_CLUSTER_PORT_TAKEN', `${server} cannot listen on ${host}:${port}: ${reason}`, {
      hint: `\`lsof -nP -iTCP:${port} -sTCP:LISTEN\` shows which program; stop it, or start a cluster with --ports free in another --folder.`,
    })
  }
}
