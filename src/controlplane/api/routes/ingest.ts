import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import type { SourceFormat } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { IngestRequest } from '#services/live/ingest-request.ts'
import type { ProducerPosition } from '#services/live/received-requests.ts'
import { deliveryText } from '../delivery.ts'
import { sendError } from '../error-reply.ts'
import { limited } from '../ingest-limits.ts'
import { type QueryParameters, requireKnown, textOf } from '../query-parameters.ts'
import { piecesOf } from '../rest-of-body.ts'
import type { ApiContext } from '../server.ts'
import { findStream, type StreamRoute } from './apps.ts'

interface RecordsRoute extends StreamRoute {
  readonly Querystring: QueryParameters
}
interface ProducerRoute extends StreamRoute {
  readonly Params: StreamRoute['Params'] & { readonly producer: string }
}

const FORMATS: Readonly<Record<string, SourceFormat>> = {
  'application/x-ndjson': 'json',
  'application/json': 'json',
  'text/csv': 'csv',
  'application/avro': 'avro',
  'avro/binary': 'avro',
}

/**
 * `POST /v1/apps/{app}/streams/{stream}/records`: NDJSON, CSV or an Avro object container, plain or gzip. With `producer`, `epoch` and `sequence` each record
 * counts once however often it is sent; without, a request that is sent again counts again, and the answer says so. An error says beside it
 * how many records are in the log all the same.
 * `POST …/producers/{id}`: takes over as this producer; answers its epoch and the sequence of the record to go on with. `GET` answers them
 * without taking over.
 */
export function addIngestRoutes(server: FastifyInstance, { platform, limits, gate }: ApiContext): void {
  const producerPath = '/v1/apps/:app/streams/:stream/producers/:producer'
  server.post<ProducerRoute>(producerPath, async ({ params }) =>
    findStream(platform, params).openProducer(params.stream, params.producer),
  )
  server.get<ProducerRoute>(producerPath, async ({ params }) => {
    const known = await findStream(platform, params).knownProducer(params.stream, params.producer)
    if (known === null)
      throw new MysimbdpError('MSB_NOT_FOUND', `stream '${params.stream}' has had no producer '${params.producer}'`)
    return known
  })

  server.post<RecordsRoute>(
    '/v1/apps/:app/streams/:stream/records',
    async ({ params, query, headers, body }, reply) => {
      const live = findStream(platform, params)
      const producer = producerOf(query)
      const format = formatOf(headers['content-type'])
      const bytes = uncompressed(body as IncomingMessage | undefined, headers['content-encoding']?.toLowerCase())
      const leave = gate.enter(params.app)
      let request: IngestRequest | undefined
      try {
        request = live.openRequest({ stream: params.stream, format, producer })
        const { requestBytesMax: bytesMax, silenceMs } = limits
        for await (const piece of limited(bytes, { bytesMax, silenceMs })) await request.write(piece)
        const { retention } = live.app.streams[params.stream]!
        return { ...(await request.end()), delivery: deliveryText(retention, { isNumbered: producer !== null }) }
      } catch (error) {
        await request?.abort()
        return sendError(reply, error, request?.totals ?? {})
      } finally {
        leave()
      }
    },
  )
}

function formatOf(contentType = 'application/x-ndjson'): SourceFormat {
  const format = FORMATS[contentType.split(';')[0]!.trim().toLowerCase()]
  if (format === undefined)
    throw new MysimbdpError(
      'MSB_INPUT_UNREADABLE',
      `records of type '${contentType}' cannot be read; send ${Object.keys(FORMATS).join(' or ')}`,
    )
  return format
}

/** @throws MSB_REQUEST_INVALID for a producer that does not say where it stands, and for what only a producer says */
function producerOf(query: QueryParameters): ProducerPosition | null {
  requireKnown(query, ['producer', 'epoch', 'sequence'])
  const [producerId, epoch, sequence] = ['producer', 'epoch', 'sequence'].map((name) => textOf(query, name))
  if (producerId === undefined && epoch === undefined && sequence === undefined) return null
  const position = { producerId: producerId ?? '', epoch: wholeNumber(epoch), sequence: wholeNumber(sequence) }
  if (position.producerId !== '' && !Number.isNaN(position.epoch + position.sequence)) return position
  throw new MysimbdpError(
    'MSB_REQUEST_INVALID',
    'a producer needs its name, epoch and sequence, the last two whole numbers; POST …/producers/{id} answers them',
  )
}

/** NaN for what is none. */
const wholeNumber = (text = ''): number => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN)

async function* uncompressed(
  body: IncomingMessage | undefined,
  encoding: string | undefined,
): AsyncIterable<Uint8Array> {
  if (body === undefined) return
  if (encoding === undefined || encoding === 'identity') {
    yield* piecesOf(body)
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
