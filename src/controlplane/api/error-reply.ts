import type { FastifyReply } from 'fastify'
import { type ErrorCode, errorCodes } from '#foundation/errors/error-codes.ts'
import type { ErrorDomain } from '#foundation/errors/error-row.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** HTTP status of an error, by whose problem it is, */
const STATUS_OF_DOMAIN: { readonly [D in ErrorDomain]: number } = { user: 400, external: 503, internal: 500 }
/** and where HTTP has a better word for it. */
const STATUS_OF_CODE: { readonly [C in ErrorCode]?: number } = {
  MSB_NOT_FOUND: 404,
  MSB_FORBIDDEN: 403,
  MSB_SCHEMA_INCOMPATIBLE: 409,
  MSB_APP_CHANGED: 409,
  MSB_APP_MISMATCH: 409,
  MSB_LOG_SEQUENCE_GAP: 409,
  MSB_LOG_PRODUCER_FENCED: 409,
  MSB_INGEST_BUSY: 429,
  MSB_REQUEST_TOO_LARGE: 413,
  MSB_REQUEST_TOO_SLOW: 408,
  MSB_DISK_FULL: 507,
  MSB_LOG_FULL: 507,
}
/** When it may help to try again, in seconds: sent with every error of which the table says that it may. */
const RETRY_AFTER_SECONDS: { readonly [C in ErrorCode]?: number } = { MSB_DISK_FULL: 30, MSB_LOG_FULL: 30 }

/** An error as the API says it. `more` stands beside the error: what is known all the same. */
export async function sendError(reply: FastifyReply, error: unknown, more: object = {}): Promise<void> {
  const known = knownError(error)
  if (known.retry === 'backoff') reply.header('retry-after', RETRY_AFTER_SECONDS[known.code] ?? 1)
  // Nobody knows when the rest of such a request comes.
  if (known.code === 'MSB_REQUEST_TOO_SLOW') reply.header('connection', 'close')
  await reply.code(statusOf(known)).send({ error: errorDocument(known), ...more })
}

export const statusOf = ({ code, domain }: MysimbdpError): number => STATUS_OF_CODE[code] ?? STATUS_OF_DOMAIN[domain]

export const errorDocument = ({ code, message, hint, where }: MysimbdpError) => ({ code, message, hint, where })

/** Errors of the web framework become errors of ours: those of the request are the sender's. */
export function knownError(error: unknown): MysimbdpError {
  if (error instanceof MysimbdpError) return error
  const { statusCode = 500, message } = error as Error & { readonly statusCode?: number }
  const code = statusCode === 413 ? 'MSB_REQUEST_TOO_LARGE' : statusCode < 500 ? 'MSB_REQUEST_INVALID' : 'MSB_INTERNAL'
  return new MysimbdpError(code, message, { cause: error, hint: errorCodes[code].hint })
}
