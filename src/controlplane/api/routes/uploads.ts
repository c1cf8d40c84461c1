import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { limited } from '../ingest-limits.ts'
import type { ApiContext } from '../server.ts'
import { findStream, type StreamRoute } from './apps.ts'

interface UploadRoute extends StreamRoute {
  readonly Querystring: { readonly again?: string }
}

/**
 * `POST /v1/apps/{app}/streams/{stream}/uploads`: a whole file, NDJSON or CSV, plain or gzip, told by its content. The same file counts once
 * however often it is sent; `again=true` lets it count once more.
 */
export function addUploadRoute(server: FastifyInstance, { platform, limits }: ApiContext): void {
  server.post<UploadRoute>('/v1/apps/:app/streams/:stream/uploads', async ({ params, query, body }) => {
    const live = findStream(platform, params)
    if (body === undefined) throw new MysimbdpError('MSB_REQUEST_INVALID', 'there is no file in the body')
    const bytes = limited(body as IncomingMessage, { bytesMax: limits.uploadBytesMax, silenceMs: limits.silenceMs })
    const report = await live.upload(params.stream, bytes, { again: query.again === 'true' })
    const isNew = report.accepted + report.rejected > 0
    return {
      ...report,
      delivery: 'exactly-once',
      ...(!isNew && { note: 'all records of this file were received before; again=true lets them count once more' }),
    }
  })
}
