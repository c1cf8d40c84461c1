import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { deliveryText } from '../delivery.ts'
import { limited } from '../ingest-limits.ts'
import { choiceOf, type QueryParameters, requireKnown } from '../query-parameters.ts'
import { piecesOf } from '../rest-of-body.ts'
import type { ApiContext } from '../server.ts'
import { findStream, type StreamRoute } from './apps.ts'

interface UploadRoute extends StreamRoute {
  readonly Querystring: QueryParameters
}

/**
 * `POST /v1/apps/{app}/streams/{stream}/uploads`: a whole file, NDJSON, CSV or Avro, plain or gzip, told by its content. The same file counts once
 * however often it is sent; `again=true` lets it count once more.
 */
export function addUploadRoute(server: FastifyInstance, { platform, limits, gate }: ApiContext): void {
  server.post<UploadRoute>('/v1/apps/:app/streams/:stream/uploads', async ({ params, query, body }) => {
    const live = findStream(platform, params)
    requireKnown(query, ['again'])
    const again = choiceOf(query, 'again', ['false', 'true']) === 'true'
    if (body === undefined) throw new MysimbdpError('MSB_REQUEST_INVALID', 'there is no file in the body')
    const bytes = limited(piecesOf(body as IncomingMessage), {
      bytesMax: limits.uploadBytesMax,
      silenceMs: limits.silenceMs,
    })
    const leave = gate.enter(params.app)
    const report = await live.upload(params.stream, bytes, { again }).finally(leave)
    const isRepeat = report.alreadyReceived > 0 && report.accepted + report.rejected === 0
    return {
      ...report,
      delivery: deliveryText(live.app.streams[params.stream]!.retention, { isNumbered: true }),
      ...(isRepeat && { note: 'all records of this file were received before; again=true lets them count once more' }),
    }
  })
}
