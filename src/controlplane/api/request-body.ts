import type { IncomingMessage } from 'node:http'
import { limited } from './ingest-limits.ts'
import { piecesOf } from './rest-of-body.ts'

const DOCUMENT_BYTES_MAX = 8 * 1024 ** 2
const SILENCE_MS = 10_000

/** A body that is a document, as text. @throws MSB_REQUEST_TOO_LARGE, MSB_REQUEST_TOO_SLOW */
export async function documentText(body: unknown, bytesMax = DOCUMENT_BYTES_MAX): Promise<string> {
  if (body === undefined) return ''
  const pieces: Uint8Array[] = []
  const limits = { bytesMax, silenceMs: SILENCE_MS }
  for await (const piece of limited(piecesOf(body as IncomingMessage), limits)) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
