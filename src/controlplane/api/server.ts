import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { errorCodes } from '#foundation/errors/error-codes.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { LivePlatform } from './live-platform.ts'
import { addAppRoutes } from './routes/apps.ts'
import { addDeadLetterRoutes } from './routes/dead-letters.ts'
import { addHealthRoute } from './routes/health.ts'
import { addIngestRoutes } from './routes/ingest.ts'
import { addPageRoutes } from './routes/page.ts'
import { addResultRoutes } from './routes/results.ts'

/** HTTP status of an error, by whose problem it is. */
const STATUS = { user: 400, external: 503, internal: 500 } as const
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/** A new route is a file and a line. */
const routes = [addPageRoutes, addHealthRoute, addAppRoutes, addIngestRoutes, addDeadLetterRoutes, addResultRoutes]

/** Starts the API on loopback; answers its URL and how to stop it. */
export async function startServer(
  platform: LivePlatform,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = fastify({ forceCloseConnections: true })
  refuseForeignPages(server)
  server.setErrorHandler((error, _request, reply) => void sendError(reply, error as Error))
  for (const add of routes) add(server, platform)
  await server.listen({ host: '127.0.0.1', port })
  return { url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`, close: () => server.close() }
}

/**
 * There is no login yet, so the platform answers only those on this machine: a page of another site that a browser on this machine shows
 * must not read or send anything, neither by a name that was made to point here nor across origins.
 */
function refuseForeignPages(server: FastifyInstance): void {
  server.addHook('onRequest', async ({ headers }, reply) => {
    const origin = headers.origin === undefined ? undefined : headers.origin.replace(/^https?:\/\//, '')
    if (LOOPBACK_HOST.test(headers.host ?? '') && (origin === undefined || LOOPBACK_HOST.test(origin))) return
    await reply
      .code(403)
      .send({ error: { code: 'MSB_FORBIDDEN', message: 'this platform answers only to this machine' } })
  })
}

async function sendError(reply: FastifyReply, error: Error & { readonly statusCode?: number }): Promise<void> {
  const known = error instanceof MysimbdpError
  const code = known
    ? error.code
    : error.statusCode !== undefined && error.statusCode < 500
      ? 'MSB_CLI_USAGE'
      : 'MSB_INTERNAL'
  const status = known ? (error.code === 'MSB_NOT_FOUND' ? 404 : STATUS[error.domain]) : (error.statusCode ?? 500)
  await reply.code(status).send({
    error: {
      code,
      message: error.message,
      hint: known ? error.hint : errorCodes[code].hint,
      ...(known && { where: error.where }),
    },
  })
}
