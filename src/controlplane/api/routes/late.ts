import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { RecordPlace, ResultReader } from '#dataplane/sinks/sink.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { closeWhenStalled } from '#foundation/time/timers.ts'
import { type LateLine, type LateSelection, lateLines, parsePlace, placeText } from '#services/late/late-records.ts'
import type { LivePlatform } from '#services/live/live-platform.ts'
import { choiceOf, countOf, type QueryParameters, requireKnown, textOf } from '../query-parameters.ts'
import type { ApiContext } from '../server.ts'
import { findApp, findQuery, type QueryRoute } from './apps.ts'

/** Records of one JSON answer: when nothing is said, and at most. */
const PAGE_RECORDS = 100
const PAGE_RECORDS_MAX = 10_000
const STALLED_MS = 30_000

interface LateRoute extends QueryRoute {
  readonly Querystring: QueryParameters
}

interface LateRecordRoute {
  readonly Params: QueryRoute['Params'] & { readonly partition: string; readonly offset: string }
}

/** `GET …/late`: records that missed a window of the query or its deduplication, in pages of JSON or all as NDJSON. `GET …/late/{partition}/{offset}`: one of them. */
export function addLateRoutes(server: FastifyInstance, { platform }: ApiContext): void {
  server.get<LateRoute>('/v1/apps/:app/queries/:query/late', async ({ params, query: parameters }, reply) => {
    const { app, openReader, query, lateGroups } = openerOf(platform, params)
    requireKnown(parameters, ['from', 'limit', 'format'])
    const format = choiceOf(parameters, 'format', ['json', 'ndjson'])
    const selection = selectionOf(parameters, format)
    const reader = openReader()
    const lines = lateLines(reader, app.plan, query, selection)
    if (format === 'json')
      return reply.type('application/json').send(await pageOf(reader, { query, lateGroups }, lines, selection))
    closeWhenStalled(reply.raw.socket!, STALLED_MS)
    return reply.type('application/x-ndjson').send(Readable.from(allOf(reader, lines)))
  })

  server.get<LateRecordRoute>('/v1/apps/:app/queries/:query/late/:partition/:offset', async ({ params }, reply) => {
    const { app, openReader, query } = openerOf(platform, params)
    const place = placeOf(`${params.partition}/${params.offset}`)
    const reader = openReader()
    try {
      for await (const line of lateLines(reader, app.plan, query, { from: place, limit: 1 }))
        if (placeText(line) === placeText(place)) return await reply.type('application/json').send(line.text)
    } finally {
      reader.close()
    }
    throw new MysimbdpError('MSB_NOT_FOUND', `no record at ${placeText(place)} was late for '${query}'`, {
      hint: 'GET …/late lists partition and offset of those that were.',
    })
  })
}

function openerOf(platform: LivePlatform, params: QueryRoute['Params']) {
  const live = findApp(platform, params.app)
  const query = findQuery(live, params.query).name
  const status = live.job.status.queries.find((one) => one.query === query)
  const lateGroups = status?.remote?.droppedGroups ?? null
  return { app: live.app, query, lateGroups, openReader: () => live.openResults() }
}

function selectionOf(parameters: QueryParameters, format: 'json' | 'ndjson'): LateSelection {
  const [most, usual] =
    format === 'json' ? [PAGE_RECORDS_MAX, PAGE_RECORDS] : [Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]
  return { from: placeOf(textOf(parameters, 'from') ?? '0/0'), limit: countOf(parameters, 'limit', most) ?? usual }
}

function placeOf(text: string): RecordPlace {
  const place = parsePlace(text)
  if (place === undefined)
    throw new MysimbdpError(
      'MSB_REQUEST_INVALID',
      `the place of a record is {partition}/{offset}, as in 0/1234, and not '${text}'`,
    )
  return place
}

/** `{"late":…,"lateGroups":…,"records":[…],"next":…}`: `late` counts all of the query, `lateGroups` what another server dropped and kept nothing of, `next` is null where nothing follows, else the `from` of the next page. */
async function pageOf(
  reader: ResultReader,
  { query, lateGroups }: { readonly query: string; readonly lateGroups: number | null },
  lines: AsyncIterable<LateLine>,
  { limit }: LateSelection,
): Promise<string> {
  try {
    const found: LateLine[] = []
    for await (const line of lines) found.push(line)
    const last = found.at(-1)
    const next = found.length < limit ? null : placeText({ ...last!, offset: last!.offset + 1 })
    return `{"late":${reader.lateRecords(query)},"lateGroups":${lateGroups},"records":[${found.map(({ text }) => text).join(',')}],"next":${JSON.stringify(next)}}`
  } finally {
    reader.close()
  }
}

async function* allOf(reader: ResultReader, lines: AsyncIterable<LateLine>): AsyncIterable<string> {
  try {
    for await (const { text } of lines) yield `${text}\n`
  } finally {
    reader.close()
  }
}
