import type { FastifyInstance } from 'fastify'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { windowText } from '#language/plan/explain.ts'
import { type QueryPlan, windowAggregateOf } from '#language/plan/plan.ts'
import type { LiveApp } from '#services/live/live-app.ts'
import type { LivePlatform } from '../live-platform.ts'

export interface QueryRoute {
  readonly Params: { readonly app: string; readonly query: string }
}

/** `GET /v1/apps`: every app with its job, streams and queries. */
export function addAppRoutes(server: FastifyInstance, { apps }: LivePlatform): void {
  server.get('/v1/apps', async () => ({ apps: [...apps.values()].map(describe) }))
}

function describe({ app, job }: LiveApp) {
  return {
    name: app.plan.name,
    timeZone: app.plan.timeZone,
    job: { state: job.state, restarts: job.restarts, error: job.error?.message ?? null },
    streams: Object.keys(app.streams),
    queries: app.plan.queries.map((query) => ({
      name: query.name,
      table: query.table,
      mode: query.output.mode,
      ...windowOf(query),
    })),
  }
}

function windowOf({ output }: QueryPlan) {
  const node = windowAggregateOf(output)
  return node === undefined
    ? {}
    : { window: windowText(node.window), groupBy: node.groupBy, results: node.columns.map(({ name }) => name) }
}

/** @throws MSB_NOT_FOUND */
export function findApp({ apps }: LivePlatform, name: string): LiveApp {
  const app = apps.get(name)
  if (app === undefined)
    throw new MysimbdpError('MSB_NOT_FOUND', `there is no app '${name}'; there is ${[...apps.keys()].join(', ')}`)
  return app
}

/** @throws MSB_NOT_FOUND */
export function findQuery(live: LiveApp, name: string): QueryPlan {
  const query = live.app.plan.queries.find((candidate) => candidate.name === name)
  if (query === undefined)
    throw new MysimbdpError(
      'MSB_NOT_FOUND',
      `app '${live.app.plan.name}' has no query '${name}'; it has ${live.app.plan.queries.map((each) => each.name).join(', ')}`,
    )
  return query
}
