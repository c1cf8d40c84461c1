import type { FastifyInstance, FastifyReply } from 'fastify'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { LivePlatform } from '#services/live/live-platform.ts'
import { parsePosition, positionText } from '#services/live/live-results.ts'
import { QueryFollower } from '#services/live/query-follower.ts'
import { type FollowedQuery, FollowerConnection } from '../follower-connection.ts'
import { countOf, type QueryParameters, requireKnown, textOf } from '../query-parameters.ts'
import type { ApiContext } from '../server.ts'
import { findApp, findQuery, type QueryRoute } from './apps.ts'
import { chosenRows } from './results.ts'

/** Each follower has a connection, and may have a read transaction for every query. */
const FOLLOWERS_MAX = 256
const QUERIES_MAX = 64
const SNAPSHOT_ROWS_MAX = 1_000_000

const SELECTING = ['latest', 'from', 'to', 'key']

interface LiveRoute {
  readonly Querystring: QueryParameters
}

/**
 * `GET …/live`: a query's rows as server-sent events: a snapshot, then every change. `GET /v1/live?queries=app/query,…`: several queries in one
 * stream. With `Last-Event-ID` it goes on from there, or, where that is not known any more, with a snapshot.
 */
export function addLiveRoutes(server: FastifyInstance, { platform }: ApiContext): void {
  let followers = 0
  const serve = async (reply: FastifyReply, queries: readonly FollowedQuery[]): Promise<void> => {
    if (followers >= FOLLOWERS_MAX)
      throw new MysimbdpError('MSB_TOO_MANY_FOLLOWERS', `${FOLLOWERS_MAX} connections follow results already`)
    followers++
    reply.hijack()
    await new FollowerConnection(reply.raw, queries).serve().finally(() => followers--)
  }

  server.get<LiveRoute & QueryRoute>('/v1/apps/:app/queries/:query/live', async ({ params, query, headers }, reply) => {
    requireKnown(query, SELECTING)
    const name = { app: params.app, query: params.query }
    await serve(reply, followed(platform, [name], query, headers['last-event-id']))
  })

  server.get<LiveRoute>('/v1/live', async ({ query, headers }, reply) => {
    requireKnown(query, ['queries', ...SELECTING])
    const names = queryNames(textOf(query, 'queries') ?? '')
    await serve(reply, followed(platform, names, query, headers['last-event-id']))
  })
}

interface QueryName {
  readonly app: string
  readonly query: string
}

function queryNames(text: string): readonly QueryName[] {
  const names = text.split(',').map((name) => name.split('/'))
  if (names.some((parts) => parts.length !== 2 || parts.includes('')) || names.length > QUERIES_MAX)
    throw new MysimbdpError(
      'MSB_REQUEST_INVALID',
      `'queries' must name 1 to ${QUERIES_MAX} queries, as app/query,app/query, and is '${text}'`,
    )
  return names.map(([app, query]) => ({ app: app!, query: query! }))
}

/** The queries with where the connection before stood: an id that names another number of queries belongs to another request. */
function followed(
  platform: LivePlatform,
  names: readonly QueryName[],
  parameters: QueryParameters,
  lastEventId: string | string[] | undefined,
): readonly FollowedQuery[] {
  const latest = countOf(parameters, 'latest', SNAPSHOT_ROWS_MAX)
  const ids = typeof lastEventId === 'string' ? lastEventId.split(',') : []
  return names.map((name, i) => {
    const live = findApp(platform, name.app)
    const plan = findQuery(live, name.query)
    const from = ids.length === names.length ? parsePosition(ids[i]!) : undefined
    const follower = new QueryFollower({
      results: live.results,
      openReader: () => live.openResults(),
      query: plan.name,
      selection: { ...chosenRows(plan, parameters), ...(latest !== undefined && { latest }) },
      from,
    })
    return { app: name.app, results: live.results, follower, id: from === undefined ? '' : positionText(from) }
  })
}
