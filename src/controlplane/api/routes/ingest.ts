import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import type { SourceFormat } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { ProducerPosition } from '#services/live/ingest-thread.ts'
import type { LiveApp } from '#services/live/live-app.ts'
import type { LivePlatform } from '../live-platform.ts'
import { findApp } from './apps.ts'

interface StreamRoute {
  readonly Params: { readonly app: string; readonly stream: string }
  readonly Querystring: { readonly producer?: string; readonly epoch?: string; readonly sequence?: string }
}

type ProducerRoute = StreamRoute & { readonly Params: { readonly producer: string } }

const FORMATS: Readonly<Record<string, SourceFormat>> = {
  'application/x-ndjson': 'json',
  'application/json': 'json',
  'text/csv': 'csv',
}

/**
 * `POST /v1/apps/{app}/streams/{stream}/records`: NDJSON or CSV, plain or gzip, of any length. With `producer`, `epoch` and `sequence` each record
 * counts once however often it is sent; without, a request that is sent again counts again, and the answer says so.
 * `POST …/producers/{id}`: takes over as this producer; answers its epoch and the sequence of the record to go on with. `GET` answers them
 * without taking over.
 */
export function addIngestRoutes(server: FastifyInstance, platform: LivePlatform): void {
  server.removeAllContentTypeParsers()
  // Bodies are streamed to the ingest thread: nothing is collected here.
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

  const producerPath = '/v1/apps/:app/streams/:stream/producers/:producer'
  server.post<ProducerRoute>(producerPath, async ({ params }) =>
    appWithStream(findApp(platform, params.app), params.stream).openProducer(params.stream, params.producer),
  )
  server.get<ProducerRoute>(producerPath, async ({ params }) => {
    const live = appWithStream(findApp(platform, params.app), params.stream)
    const known = await live.knownProducer(params.stream, params.producer)
    if (known === null)
      throw new MysimbdpError('MSB_NOT_FOUND', `stream '${params.stream}' has had no producer '${params.producer}'`)
    return known
  })

  server.post<StreamRoute>('/v1/apps/:app/streams/:stream/records', async ({ params, query, headers, body }) => {
    const live = appWithStream(findApp(platform, params.app), params.stream)
    const producer = producerOf(query)
    const format = formatOf(headers['content-type'])
    const totals = await live.append(
      { stream: params.stream, format, producer },
      uncompressed(body as IncomingMessage, headers['content-encoding']),
    )
    return {
      ...totals,
      delivery:
        producer === null
          ? 'at-least-once: without a producer id, records that are sent again count again'
          : 'exactly-once',
    }
  })
}

/** The app, when it has such a stream. @throws MSB_NOT_FOUND */
export function appWithStream(live: LiveApp, stream: string): LiveApp {
  if (!(stream in live.app.streams))
    throw new MysimbdpError(
      'MSB_NOT_FOUND',
      `app '${live.app.plan.name}' has no stream '${stream}'; it has ${Object.keys(live.app.streams).join(', ')}`,
    )
  return live
}

function formatOf(contentType = 'application/x-ndjson'): SourceFormat {
  const format = FORMATS[contentType.split(';')[0]!.trim()]
  if (format === undefined)
    throw new MysimbdpError(
      'MSB_INPUT_UNREADABLE',
      `records of type '${contentType}' cannot be read; send ${Object.keys(FORMATS).join(' or ')}`,
    )
  return format
}

function producerOf({ producer, epoch, sequence }: StreamRoute['Querystring']): ProducerPosition | null {
  if (producer === undefined) return null
  const position = { producerId: producer, epoch: Number(epoch), sequence: Number(sequence) }
  if (![position.epoch, position.sequence].every((number) => Number.isSafeInteger(number) && number >= 0)) {
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      'a producer needs epoch and sequence, both whole numbers; POST …/producers/{id} answers them',
    )
  }
  return position
}

async function* uncompressed(body: IncomingMessage, encoding: string | undefined): AsyncIterable<Uint8Array> {
  if (encoding === undefined || encoding === 'identity') {
    yield* body
    return
  }
  if (encoding !== 'gzip')
    throw new MysimbdpError('MSB_INPUT_UNREADABLE', `content encoding '${encoding}' cannot be read; send gzip or none`)
  const gunzip = createGunzip()
  body.on('error', (error) => gunzip.destroy(error))
  try {
    yield* body.pipe(gunzip) as AsyncIterable<Uint8Array>
  } catch (cause) {
    throw new MysimbdpError(
      'MSB_INPUT_UNREADABLE',
      `the compressed body cannot be read to its end: ${(cause as Error).message}`,
      { cause },
    )
  }
}
