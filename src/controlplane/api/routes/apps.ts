import type { FastifyInstance } from 'fastify'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { windowText } from '#language/plan/explain.ts'
import { type QueryPlan, windowAggregateOf } from '#language/plan/plan.ts'
import { appFromJson } from '#services/apps/app-document.ts'
import type { LiveApp } from '#services/live/live-app.ts'
import type { LivePlatform } from '#services/live/live-platform.ts'
import type { JobReport, ThreadReport } from '#services/live/thread-report.ts'
import { errorDocument } from '../error-reply.ts'
import { choiceOf, type QueryParameters, requireKnown } from '../query-parameters.ts'
import { documentText } from '../request-body.ts'
import type { ApiContext } from '../server.ts'

export interface AppRoute {
  readonly Params: { readonly app: string }
}
export interface QueryRoute {
  readonly Params: { readonly app: string; readonly query: string }
}
export interface StreamRoute {
  readonly Params: { readonly app: string; readonly stream: string }
}
interface DeployRoute {
  readonly Querystring: QueryParameters
}

/**
 * `GET /v1/apps`, `GET /v1/apps/{app}`: apps with their jobs, streams and queries. `POST /v1/apps`: deploys the app whose document is the
 * body; `changed` says what becomes of queries that changed (`ask`, `rebuild`, `keep`), `dropRemoved=true` gives up the results of queries that
 * are gone, `dryRun=true` changes nothing.
 */
export function addAppRoutes(server: FastifyInstance, { platform }: ApiContext): void {
  server.get('/v1/apps', async () => ({
    apps: [...platform.apps.values()].map(describe),
    broken: platform.broken.map(({ name, error }) => ({ name, error: errorDocument(error) })),
  }))
  server.get<AppRoute>('/v1/apps/:app', async ({ params }) => describe(findApp(platform, params.app)))
  server.post<DeployRoute>('/v1/apps', async ({ query, body }) => {
    requireKnown(query, ['changed', 'dropRemoved', 'dryRun'])
    const isTrue = (name: string): boolean => choiceOf(query, name, ['false', 'true']) === 'true'
    const [changed, dropRemoved] = [choiceOf(query, 'changed', ['ask', 'rebuild', 'keep']), isTrue('dropRemoved')]
    const dryRun = isTrue('dryRun')
    return platform.deploy(appFromJson(await documentText(body)), { changed, dropRemoved }, { dryRun })
  })
}

export function describe({ app, job, ingest, deployment }: LiveApp) {
  return {
    name: app.plan.name,
    timeZone: app.plan.timeZone,
    job: { ...describeThread(job), ...job.status, wanted: deployment.wanted, rebuilding: job.rebuilding },
    ingest: describeThread(ingest),
    streams: Object.keys(app.streams),
    queries: app.plan.queries.map((query) => ({
      name: query.name,
      table: query.table,
      mode: query.output.mode,
      ...windowOf(query),
    })),
  }
}

const describeThread = ({ state, restarts, error }: ThreadReport | JobReport) => ({
  state,
  restarts,
  error: error === null ? null : errorDocument(error),
})

function windowOf({ output }: QueryPlan) {
  const node = windowAggregateOf(output)
  return node === undefined
    ? {}
    : { window: windowText(node.window), groupBy: node.groupBy, results: node.columns.map(({ name }) => name) }
}

/** @throws MSB_NOT_FOUND */
export function findApp({ apps, broken }: LivePlatform, name: string): LiveApp {
  const app = apps.get(name)
  if (app !== undefined) return app
  const failure = broken.find((each) => each.name === name)
  if (failure !== undefined) throw failure.error
  const known = apps.size === 0 ? 'none is deployed' : `there is ${[...apps.keys()].join(', ')}`
  throw new MysimbdpError('MSB_NOT_FOUND', `there is no app '${name}'; ${known}`)
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

/** The app that has this stream. @throws MSB_NOT_FOUND */
export function findStream(platform: LivePlatform, { app, stream }: StreamRoute['Params']): LiveApp {
  const live = findApp(platform, app)
  const { streams } = live.app
  if (!Object.hasOwn(streams, stream))
    throw new MysimbdpError(
      'MSB_NOT_FOUND',
      `app '${app}' has no stream '${stream}'; it has ${Object.keys(streams).join(', ')}`,
    )
  return live
}
