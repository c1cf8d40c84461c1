import type { FastifyInstance } from 'fastify'
import type { Finding } from '#services/health/check.ts'
import type { HealthReport } from '#services/health/health-report.ts'
import type { ApiContext } from '../server.ts'

/**
 * `GET /health`: 200 when all is well or limps, 503 when something has failed. `sentences` say what is wrong, `findings` the same with code,
 * what to do, and since when; first of the platform, then app by app.
 */
export function addHealthRoute(server: FastifyInstance, { watch }: ApiContext): void {
  server.get('/health', async (_request, reply) => {
    const { health: report } = await watch.look()
    return reply.code(report.status === 'failed' ? 503 : 200).send(healthDocument(report))
  })
}

export type HealthDocument = ReturnType<typeof healthDocument>

const healthDocument = ({ status, findings, apps }: HealthReport) => ({
  status,
  ...described(findings),
  apps: apps.map((app) => ({ app: app.app, status: app.status, ...described(app.findings) })),
})

const described = (findings: readonly Finding[]) => ({
  sentences: findings.map(({ sentence }) => sentence),
  findings: findings.map(({ sinceMs, ...finding }) => ({ ...finding, since: new Date(sinceMs).toISOString() })),
})
