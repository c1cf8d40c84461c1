import type { FastifyInstance } from 'fastify'
import type { ServedRow } from '#dataplane/sinks/sink.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { every } from '#foundation/time/timers.ts'
import type { QueryPlan } from '#language/plan/plan.ts'
import { inResultOrder } from '#language/plan/result-order.ts'
import type { LiveApp } from '#services/live/live-app.ts'
import type { ApiContext } from '../server.ts'
import { findApp, findQuery, type QueryRoute } from './apps.ts'

/** Rows of a snapshot at most: the newest ones. */
const SNAPSHOT_ROWS = 500
/** Rows of one answer at most. */
const ROWS_MAX = 10_000
const KEEP_ALIVE_MS = 15_000

interface ResultRoute extends QueryRoute {
  /** `from`, `to`: epoch ms or ISO 8601, of the window's start. `latest`: only so many rows, the newest ones. */
  readonly Querystring: {
    readonly from?: string
    readonly to?: string
    readonly key?: string
    readonly latest?: string
  }
}

/** `GET …/results`: rows by time, key, or the latest. `GET …/live`: the same rows as they change, as server-sent events. */
export function addResultRoutes(server: FastifyInstance, { platform }: ApiContext): void {
  server.get<ResultRoute>('/v1/apps/:app/queries/:query/results', async ({ params, query }, reply) => {
    const live = findApp(platform, params.app)
    const rows = latestRows(live, findQuery(live, params.query), query)
    return reply.type('application/json').send(`{"rows":[${rows.map(({ row }) => row).join(',')}]}`)
  })

  server.get<QueryRoute>('/v1/apps/:app/queries/:query/live', async ({ params, headers, raw }, reply) => {
    const live = findApp(platform, params.app)
    const plan = findQuery(live, params.query)
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const send = (id: string, event: string, data: string): void =>
      void reply.raw.write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`)
    sendMissed(live, plan, headers['last-event-id'], send)
    // Rows may come in the moment between the snapshot and here: nothing is awaited in between, so none is missed.
    const unfollow = live.results.follow(plan.name, {
      onChange: ({ id, rows, removedKeys }) => send(id, 'changes', changesText(rows, removedKeys)),
      onRestart: () => sendMissed(live, plan, undefined, send),
    })
    const keepAlive = every(KEEP_ALIVE_MS, () => void reply.raw.write(': \n\n'))
    raw.on('close', () => {
      unfollow()
      keepAlive()
    })
  })
}

/** What a follower has not seen: the changes since its last event, or a snapshot when those are not known. */
function sendMissed(
  live: LiveApp,
  plan: QueryPlan,
  lastEventId: string | string[] | undefined,
  send: (id: string, event: string, data: string) => void,
): void {
  const missed = typeof lastEventId === 'string' ? live.results.since(plan.name, lastEventId) : undefined
  if (missed !== undefined) {
    for (const { id, rows, removedKeys } of missed) send(id, 'changes', changesText(rows, removedKeys))
    return
  }
  // The id is taken first: a change between the two is then sent twice rather than never, and rows are upserts.
  const id = live.results.lastId
  send(id, 'snapshot', changesText(latestRows(live, plan, { latest: String(SNAPSHOT_ROWS) }), []))
}

type KeyedText = Pick<ServedRow, 'key' | 'row'> & Partial<Pick<ServedRow, 'carriedOver'>>

const changesText = (rows: readonly KeyedText[], removedKeys: readonly string[]): string =>
  `{"rows":[${rows.map(keyedText).join(',')}],"removed":${JSON.stringify(removedKeys)}}`

/** A row with its key, as JSON; one that changes was never carried over. */
const keyedText = ({ key, row, carriedOver = false }: KeyedText): string =>
  `{"key":${JSON.stringify(key)},${carriedOver ? '"carriedOver":true,' : ''}"row":${row}}`

function latestRows(live: LiveApp, { name, output }: QueryPlan, { from, to, key, latest }: ResultRoute['Querystring']) {
  const limit = latest === undefined ? ROWS_MAX : Number(latest)
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new MysimbdpError('MSB_REQUEST_INVALID', `latest must be a number of rows, and is '${latest}'`)
  const reader = live.openResults()
  try {
    const rows = reader.selectRows(name, {
      limit: Math.min(limit, ROWS_MAX),
      ...instant('fromMs', from),
      ...instant('toMs', to),
      ...(key !== undefined && { key }),
    })
    return [...inResultOrder(output, rows)]
  } finally {
    reader.close()
  }
}

function instant<K extends string>(name: K, text: string | undefined): Partial<Record<K, number>> {
  if (text === undefined) return {}
  const ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isNaN(ms))
    throw new MysimbdpError('MSB_REQUEST_INVALID', `'${text}' is no time; write epoch milliseconds or ISO 8601`)
  return { [name]: ms } as Partial<Record<K, number>>
}
