import type { FastifyInstance } from 'fastify'
import type { DeadLetter, StreamReader } from '#dataplane/brokers/broker.ts'
import { type RejectionCode, rejectionCodes } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { deadLetterDocument, deadLetterSummary, readEditedRecord } from '#services/dead-letters/dead-letter-document.ts'
import type { ReplayRequest } from '#services/dead-letters/dead-letter-replay.ts'
import { deadLetterAt, selectedDeadLetters } from '#services/dead-letters/selected-dead-letters.ts'
import type { LiveApp } from '#services/live/live-app.ts'
import { topicOf } from '#services/runs/platform.ts'
import { documentText } from '../request-body.ts'
import type { ApiContext } from '../server.ts'
import { findApp, findQuery, findStream, type QueryRoute, type StreamRoute } from './apps.ts'

interface ListRoute extends StreamRoute {
  /** `partition`: 0 unless it is said. `from`: an offset. `raw`: with the bytes of each record. */
  readonly Querystring: {
    readonly partition?: string
    readonly from?: string
    readonly limit?: string
    readonly code?: string
    readonly raw?: string
  }
}

interface LetterRoute {
  readonly Params: StreamRoute['Params'] & { readonly offset: string }
  readonly Querystring: { readonly partition?: string }
}

const LIMIT = 100
const LIMIT_MAX = 1000
const BODY_BYTES_MAX = 64 * 1024 * 1024

interface RefusedRoute extends QueryRoute {
  readonly Querystring: { readonly from?: string; readonly limit?: string }
}

/**
 * `GET …/queries/{query}/dead-letters`: rows that the store did not take, with what Connect says of them. `GET …/dead-letters`: rejected records with their reason, and whether they were replayed. `GET …/dead-letters/{offset}`: one of them with its
 * bytes. `POST …/dead-letters/replay`: decode them again and bring them back.
 */
export function addDeadLetterRoutes(server: FastifyInstance, { platform }: ApiContext): void {
  const path = '/v1/apps/:app/streams/:stream/dead-letters'

  server.get<ListRoute>(path, async ({ params, query }) =>
    withLog(findStream(platform, params), params.stream, (log) => list(log, query)),
  )

  server.get<LetterRoute>(`${path}/:offset`, async ({ params, query }) =>
    withLog(findStream(platform, params), params.stream, async (log) =>
      deadLetterDocument(
        await deadLetterAt(log, partitionOf(log, query.partition), wholeNumber('offset', params.offset)),
      ),
    ),
  )

  server.get<RefusedRoute>('/v1/apps/:app/queries/:query/dead-letters', async ({ params, query }) => {
    const live = findApp(platform, params.app)
    findQuery(live, params.query)
    const from = wholeNumber('from', query.from ?? '0')
    const limit = Math.min(wholeNumber('limit', query.limit ?? String(LIMIT)), LIMIT_MAX)
    const { serving } = platform.context.platform
    const rows = (await serving?.refusedRows(live.app.plan, params.query, from, limit + 1)) ?? []
    const facts = platform.connectorFacts(params.app).find((connector) => connector.query === params.query)
    return { count: facts?.deadLetters ?? 0, deadLetters: rows.slice(0, limit), next: rows[limit]?.offset ?? null }
  })

  server.post<StreamRoute>(`${path}/replay`, async ({ params, body }) => {
    const live = findStream(platform, params)
    const request = readRequest(readJson(await documentText(body, BODY_BYTES_MAX)))
    await withLog(live, params.stream, async (log) => partitionOf(log, String(request.select.partition)))
    return live.replayDeadLetters(params.stream, request)
  })
}

async function withLog<T>(live: LiveApp, stream: string, work: (log: StreamReader) => Promise<T>): Promise<T> {
  const logs = await live.openLogs()
  try {
    return await work(logs.find(({ spec }) => spec.topic === topicOf(live.app.plan, stream))!)
  } finally {
    for (const log of logs) await log.close()
  }
}

async function list(log: StreamReader, query: ListRoute['Querystring']) {
  const limit = Math.min(wholeNumber('limit', query.limit ?? String(LIMIT)), LIMIT_MAX)
  const partition = partitionOf(log, query.partition)
  const { end } = await log.bounds(partition)
  const selection = { partition, ...(query.code !== undefined && { code: knownCode(query.code) }) }
  const letters: DeadLetter[] = []
  for await (const piece of selectedDeadLetters(log, selection, {
    from: wholeNumber('from', query.from ?? '0'),
    to: end,
  })) {
    letters.push(...piece)
    if (letters.length > limit) break
  }
  const shown = letters.slice(0, limit)
  return {
    partition,
    partitions: log.spec.partitions,
    counts: await log.deadLetterCounts(partition),
    deadLetters: shown.map(query.raw === 'true' ? deadLetterDocument : deadLetterSummary),
    /** Where the next page begins; null at the end. */
    next: letters[limit]?.offset ?? null,
  }
}

/** @throws MSB_NOT_FOUND for one that the stream does not have */
function partitionOf({ spec }: StreamReader, text = '0'): number {
  const partition = wholeNumber('partition', text)
  if (partition >= spec.partitions)
    throw new MysimbdpError(
      'MSB_NOT_FOUND',
      `'${spec.topic}' has the partitions 0 to ${spec.partitions - 1}, and not ${partition}`,
    )
  return partition
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new MysimbdpError('MSB_REQUEST_INVALID', `${name} is a whole number, not '${text}'`)
  return Number(text)
}

function knownCode(code: string): RejectionCode {
  if (!Object.hasOwn(rejectionCodes, code))
    throw new MysimbdpError(
      'MSB_REPLAY_INVALID',
      `there is no reason '${code}'; there are ${Object.keys(rejectionCodes).join(', ')}`,
    )
  return code as RejectionCode
}

function readJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch (cause) {
    throw new MysimbdpError('MSB_REPLAY_INVALID', `the request is no JSON: ${(cause as Error).message}`, { cause })
  }
}

function readRequest(document: unknown): ReplayRequest {
  const {
    select = {},
    renames = [],
    records = [],
    rebuild = false,
    dryRun = false,
  } = requireObject(document, 'the request')
  const { code, field, offsets, partition = 0 } = requireObject(select, 'select')
  if (!isListOf(renames, 'string')) throw invalid('renames is a list of texts such as "x_*=*"')
  if (!Array.isArray(records)) throw invalid('records is a list of edited records')
  if (offsets !== undefined && !isListOf(offsets, 'number')) throw invalid('select.offsets is a list of offsets')
  if (!Number.isSafeInteger(partition)) throw invalid('select.partition is the number of a partition')
  if (code !== undefined && typeof code !== 'string') throw invalid('select.code is the code of a reason')
  if (field !== undefined && typeof field !== 'string') throw invalid('select.field is the name of a field')
  if (typeof rebuild !== 'boolean' || typeof dryRun !== 'boolean') throw invalid('rebuild and dryRun are true or false')
  return {
    select: {
      partition: partition as number,
      ...(code !== undefined && { code: knownCode(code) }),
      ...(field !== undefined && { field }),
      ...(offsets !== undefined && { offsets: offsets as readonly number[] }),
    },
    renames: renames as readonly string[],
    records: records.map(readEditedRecord),
    rebuild,
    dryRun,
  }
}

function requireObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} is a JSON object`)
  return value as Readonly<Record<string, unknown>>
}

const isListOf = (value: unknown, type: 'string' | 'number'): boolean =>
  Array.isArray(value) && value.every((element) => typeof element === type)

const invalid = (what: string): MysimbdpError => new MysimbdpError('MSB_REPLAY_INVALID', what)
