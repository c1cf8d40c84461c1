import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { PlaceInResults, RowSelection, ServedRow } from '#dataplane/sinks/sink.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { closeWhenStalled } from '#foundation/time/timers.ts'
import { type QueryPlan, windowAggregateOf } from '#language/plan/plan.ts'
import { inResultOrder } from '#language/plan/result-order.ts'
import { type ScannedRows, scanRows } from '#services/live/row-scan.ts'
import { csvHeader, csvLine } from '../../rows/csv.ts'
import { rowLine } from '../../rows/row-line.ts'
import { choiceOf, countOf, instantOf, type QueryParameters, requireKnown, textOf } from '../query-parameters.ts'
import type { ApiContext } from '../server.ts'
import { findApp, findQuery, type QueryRoute } from './apps.ts'

/** Rows of one JSON answer at most; `next` goes on from there. */
const PAGE_ROWS = 10_000
/** Whoever takes nothing of an answer for so long is let go: it holds a read transaction. */
const STALLED_MS = 30_000

const PARAMETERS = ['from', 'to', 'key', 'group.*', 'latest', 'cursor', 'limit', 'format']

interface ResultRoute extends QueryRoute {
  readonly Querystring: QueryParameters
}

/** `GET …/results`: rows by time, key, group, or the newest; as pages of JSON, or all of them as NDJSON or CSV. */
export function addResultRoutes(server: FastifyInstance, { platform }: ApiContext): void {
  server.get<ResultRoute>('/v1/apps/:app/queries/:query/results', async ({ params, query: parameters }, reply) => {
    const live = findApp(platform, params.app)
    const plan = findQuery(live, params.query)
    requireKnown(parameters, PARAMETERS)
    const format = choiceOf(parameters, 'format', ['json', 'ndjson', 'csv'])
    const request = requestOf(plan, parameters, format === 'json' ? PAGE_ROWS : Number.MAX_SAFE_INTEGER)
    if (format === 'json') return sendPage(reply, plan, request, scanRows(live.openServedResults(), request))
    // Newest rows are read backwards, and one order fits all formats: they are gathered first.
    const pieces = request.selection.newestFirst
      ? gathered(plan, scanRows(live.openServedResults(), request))
      : inOrder(plan, scanRows(live.openServedResults(), request))
    closeWhenStalled(reply.raw.socket!, STALLED_MS)
    return reply
      .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
      .send(Readable.from(format === 'csv' ? csvOf(pieces) : ndjsonOf(pieces)))
  })
}

function requestOf(plan: QueryPlan, parameters: QueryParameters, most: number): ScannedRows {
  const latest = countOf(parameters, 'latest', PAGE_ROWS)
  const limit = countOf(parameters, 'limit', most)
  const cursor = textOf(parameters, 'cursor')
  if (latest !== undefined && (limit ?? cursor) !== undefined)
    throw new MysimbdpError('MSB_REQUEST_INVALID', `'latest' goes with neither 'limit' nor 'cursor'`)
  const selection: RowSelection = {
    ...chosenRows(plan, parameters),
    ...(cursor !== undefined && { after: placeOf(plan, cursor) }),
    newestFirst: latest !== undefined,
  }
  return { query: plan.name, selection, limit: latest ?? limit ?? most, isWanted: groupFilter(plan, parameters) }
}

/** `from`, `to` and `key`. @throws MSB_REQUEST_INVALID */
export function chosenRows(
  { name, output }: QueryPlan,
  parameters: QueryParameters,
): Pick<RowSelection, 'fromMs' | 'toMs' | 'key'> {
  const [fromMs, toMs, key] = [instantOf(parameters, 'from'), instantOf(parameters, 'to'), textOf(parameters, 'key')]
  if ((fromMs ?? toMs) !== undefined && windowAggregateOf(output) === undefined)
    throw new MysimbdpError('MSB_REQUEST_INVALID', `rows of '${name}' have no window, so 'from' and 'to' say nothing`)
  return {
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
    ...(key !== undefined && { key }),
  }
}

/** A cursor is the key of the last row of a page: it says where the row stands. */
function placeOf({ name, output }: QueryPlan, cursor: string): PlaceInResults {
  const first = cursor.split('|')[0]!
  if (!/^-?\d+$/.test(first))
    throw new MysimbdpError(
      'MSB_REQUEST_INVALID',
      `'${cursor}' is no cursor of '${name}': give 'next' of the page before`,
    )
  return { key: cursor, windowStart: windowAggregateOf(output) === undefined ? null : Number(first) }
}

/** `group.<field>=<value>`, the value as it stands in the result key (semantics 6.4). */
function groupFilter({ name, output }: QueryPlan, parameters: QueryParameters): (row: ServedRow) => boolean {
  const groupBy = windowAggregateOf(output)?.groupBy ?? []
  const wanted = Object.keys(parameters)
    .filter((parameter) => parameter.startsWith('group.'))
    .map((parameter) => {
      const field = parameter.slice('group.'.length)
      if (!groupBy.includes(field))
        throw new MysimbdpError(
          'MSB_REQUEST_INVALID',
          `query '${name}' has no group field '${field}'; ${groupBy.length === 0 ? 'it has no groups' : `it has ${groupBy.join(', ')}`}`,
        )
      return { part: groupBy.indexOf(field) + 1, value: textOf(parameters, parameter)! }
    })
  if (wanted.length === 0) return () => true
  return ({ key }) => {
    const parts = key.split('|')
    return wanted.every(({ part, value }) => parts[part] === value)
  }
}

type Pieces = AsyncIterable<readonly ServedRow[]>

/** `{"rows":[…],"keys":[…],"carriedOver":[…],"next":…}`: `carriedOver` are keys of rows that a rebuild kept (semantics 7.5); `next` is null where nothing follows, else the cursor of the next page. */
async function sendPage(reply: FastifyReply, plan: QueryPlan, request: ScannedRows, pieces: Pieces): Promise<unknown> {
  const found: ServedRow[] = []
  for await (const piece of pieces) found.push(...piece)
  const last = found.at(-1)
  const isFull = found.length === request.limit && request.selection.newestFirst !== true
  const rows = listed(plan, found, request)
  const [texts, keys] = [rows.map(({ row }) => row).join(','), JSON.stringify(rows.map(({ key }) => key))]
  const carried = JSON.stringify(rows.filter(({ carriedOver }) => carriedOver).map(({ key }) => key))
  const next = JSON.stringify(isFull ? last!.key : null)
  return reply
    .type('application/json')
    .send(`{"rows":[${texts}],"keys":${keys},"carriedOver":${carried},"next":${next}}`)
}

/** The rows of an answer by rule 6.5. */
const listed = (plan: QueryPlan, rows: ServedRow[], { selection }: ScannedRows): readonly ServedRow[] => [
  ...inResultOrder(plan.output, selection.newestFirst === true ? rows.reverse() : rows),
]

async function* gathered(plan: QueryPlan, pieces: Pieces): Pieces {
  const all: ServedRow[] = []
  for await (const piece of pieces) all.push(...piece)
  yield [...inResultOrder(plan.output, all.reverse())]
}

/** Each window in order as it comes; of a query without window, the rows as they come. */
async function* inOrder(plan: QueryPlan, pieces: Pieces): Pieces {
  if (windowAggregateOf(plan.output) === undefined) {
    yield* pieces
    return
  }
  let window: ServedRow[] = []
  for await (const piece of pieces) {
    const ready: ServedRow[] = []
    for (const row of piece) {
      if (window.length > 0 && row.windowStart !== window[0]!.windowStart) {
        ready.push(...inResultOrder(plan.output, window))
        window = []
      }
      window.push(row)
    }
    yield ready
  }
  yield [...inResultOrder(plan.output, window)]
}

async function* ndjsonOf(pieces: Pieces): AsyncIterable<string> {
  for await (const piece of pieces) if (piece.length > 0) yield `${piece.map(rowLine).join('\n')}\n`
}

async function* csvOf(pieces: Pieces): AsyncIterable<string> {
  let first = true
  for await (const piece of pieces) {
    if (piece.length === 0) continue
    yield `${first ? csvHeader(piece[0]!.row) : ''}${piece.map(({ row }) => csvLine(row)).join('')}`
    first = false
  }
}
