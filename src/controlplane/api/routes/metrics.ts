import type { FastifyInstance } from 'fastify'
import { EXPOSITION_TYPE, expositionText } from '#services/metrics/exposition.ts'
import type { ApiContext } from '../server.ts'

/** `GET /metrics`: figures in the text form of Prometheus; docs/reference/metrics.md says what they mean. */
export function addMetricsRoute(server: FastifyInstance, { watch }: ApiContext): void {
  server.get('/metrics', async (_request, reply) =>
    reply.type(EXPOSITION_TYPE).send(await expositionText(await watch.look())),
  )
}
