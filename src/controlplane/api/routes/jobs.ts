import type { FastifyInstance } from 'fastify'
import { DocumentReader } from '#language/plan/document-reader.ts'
import { documentText } from '../request-body.ts'
import type { ApiContext } from '../server.ts'
import { type AppRoute, describe, findApp, findQuery } from './apps.ts'

/**
 * `POST /v1/apps/{app}/job/start`, `…/stop`: for good, also over restarts. `…/rebuild`: computes the queries named in `{"queries": […]}`, or all,
 * anew from the log. Each answers the app as `GET /v1/apps/{app}` does.
 */
export function addJobRoutes(server: FastifyInstance, { platform }: ApiContext): void {
  server.post<AppRoute>('/v1/apps/:app/job/start', async ({ params }) => {
    const live = findApp(platform, params.app)
    await live.startJob()
    return describe(live)
  })
  server.post<AppRoute>('/v1/apps/:app/job/stop', async ({ params }) => {
    const live = findApp(platform, params.app)
    await live.stopJob()
    return describe(live)
  })
  server.post<AppRoute>('/v1/apps/:app/job/rebuild', async ({ params, body }) => {
    const live = findApp(platform, params.app)
    const named = queriesIn(await documentText(body))
    for (const query of named ?? []) findQuery(live, query)
    await live.rebuildJob(named ?? live.app.plan.queries.map(({ name }) => name))
    return describe(live)
  })
}

const queriesIn = (text: string): readonly string[] | undefined =>
  text === ''
    ? undefined
    : DocumentReader.ofJson(text, 'request')
        .get('queries')
        .optional((queries) => queries.items((name) => name.text()))
