import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Address } from '#services/cluster/ports.ts'

/** A way to a server that breaks once, when so many bytes have come back over it; after that it holds. */
export class BreakingProxy {
  /** How often a connection was broken. */
  broken = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(target: Address, breakAfter: number) {
    let left = breakAfter
    this.#server = createServer((client) => {
      const server = connect(target)
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(one)
        one.on('error', () => {}).on('close', () => other.destroy())
      }
      client.pipe(server)
      server.on('data', (bytes) => {
        left -= bytes.length
        if (this.broken === 0 && left < 0) {
          this.broken++
          client.destroy()
        } else client.write(bytes)
      })
    })
  }

  static async open(target: Address, breakAfter: number): Promise<BreakingProxy> {
    const proxy = new BreakingProxy(target, breakAfter)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { readonly port: number }).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
