import type { FastifyInstance } from 'fastify'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { AppHealth } from '#services/live/health.ts'
import type { LiveApp } from '#services/live/live-app.ts'
import type { ApiContext } from '../server.ts'

/** `GET /health`: 200 when every app is well or limps, 503 when one has failed; the sentences say what is wrong. */
export function addHealthRoute(server: FastifyInstance, { platform }: ApiContext): void {
  server.get('/health', async (_request, reply) => {
    const health = await Promise.all([...platform.apps.values()].map(healthOrFailure))
    const status = health.some((app) => app.status === 'failed')
      ? 'failed'
      : health.some((app) => app.status === 'degraded')
        ? 'degraded'
        : 'ok'
    return reply.code(status === 'failed' ? 503 : 200).send({ status, apps: health })
  })
}

async function healthOrFailure(live: LiveApp): Promise<AppHealth> {
  try {
    return await live.health()
  } catch (error) {
    if (!(error instanceof MysimbdpError)) throw error
    return { app: live.app.plan.name, status: 'failed', sentences: [error.message] }
  }
}
