import type { AddressInfo, Socket } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { PlatformWatch } from '#services/health/platform-watch.ts'
import type { HealthThresholds } from '#services/health/thresholds.ts'
import type { LivePlatform } from '#services/live/live-platform.ts'
import { errorDocument, sendError } from './error-reply.ts'
import { defaultIngestLimits, IngestGate, type IngestLimits } from './ingest-limits.ts'
import { discardRest } from './rest-of-body.ts'
import { addAppRoutes } from './routes/apps.ts'
import { addDeadLetterRoutes } from './routes/dead-letters.ts'
import { addHealthRoute } from './routes/health.ts'
import { addIngestRoutes } from './routes/ingest.ts'
import { addJobRoutes } from './routes/jobs.ts'
import { addLateRoutes } from './routes/late.ts'
import { addLiveRoutes } from './routes/live.ts'
import { addMetricsRoute } from './routes/metrics.ts'
import { addPageRoutes } from './routes/page.ts'
import { addPlatformRoute } from './routes/platform.ts'
import { addRegistryRoutes } from './routes/registry.ts'
import { addResultRoutes } from './routes/results.ts'
import { addStatsRoute } from './routes/stats.ts'
import { addUploadRoute } from './routes/uploads.ts'

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/** Characters of a name in a path, such as that of a producer. */
const NAME_LENGTH_MAX = 1000

export interface ServerOptions {
  /** 0 for any that is free. */
  readonly port: number
  readonly limits?: Partial<IngestLimits>
  readonly thresholds?: Partial<HealthThresholds>
}

/** What a route is given. */
export interface ApiContext {
  readonly platform: LivePlatform
  readonly watch: PlatformWatch
  readonly limits: IngestLimits
  readonly gate: IngestGate
}

/** A new route is a file and a line. */
const routes = [
  addPageRoutes,
  addHealthRoute,
  addMetricsRoute,
  addPlatformRoute,
  addAppRoutes,
  addJobRoutes,
  addIngestRoutes,
  addUploadRoute,
  addDeadLetterRoutes,
  addResultRoutes,
  addLiveRoutes,
  addLateRoutes,
  addStatsRoute,
  addRegistryRoutes,
]

/** Starts the API on loopback; answers its URL and how to stop it. @throws MSB_PORT_TAKEN */
export async function startServer(
  platform: LivePlatform,
  { port, limits = {}, thresholds }: ServerOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = fastify({
    forceCloseConnections: true,
    routerOptions: { maxParamLength: NAME_LENGTH_MAX },
    frameworkErrors: (error, _request, reply) => void sendError(reply, error),
    clientErrorHandler: refuseUnreadable,
  })
  refuseForeignPages(server)
  server.addHook('onResponse', async ({ raw }) => discardRest(raw))
  server.setErrorHandler((error, _request, reply) => void sendError(reply, error))
  server.setNotFoundHandler(({ method, url }, reply) =>
    sendError(reply, new MysimbdpError('MSB_NOT_FOUND', `there is nothing at ${method} ${url}`)),
  )
  server.removeAllContentTypeParsers()
  // Bodies are streamed: nothing is collected before a route asks for it.
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  const watch = new PlatformWatch(platform, thresholds)
  server.addHook('onClose', async () => watch.close())
  const allLimits = { ...defaultIngestLimits, ...limits }
  const context: ApiContext = { platform, watch, limits: allLimits, gate: new IngestGate(allLimits) }
  for (const add of routes) add(server, context)
  try {
    await server.listen({ host: '127.0.0.1', port })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new MysimbdpError('MSB_PORT_TAKEN', `port ${port} is in use`, { cause })
  }
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
    await sendError(reply, new MysimbdpError('MSB_FORBIDDEN', 'this platform answers only to this machine'))
  })
}

/** What is no HTTP, or has too long a head, never becomes a request. */
function refuseUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = new MysimbdpError('MSB_REQUEST_INVALID', `the request cannot be read: ${error.message}`, {
    cause: error,
    hint: 'The URL and the headers of a request may be 16 KiB long together.',
  })
  const body = JSON.stringify({ error: errorDocument(refusal) })
  const head = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`
  socket.end(`HTTP/1.1 ${error.code === 'HPE_HEADER_OVERFLOW' ? '431' : '400'} Refused\r\n${head}\r\n\r\n${body}`)
}
