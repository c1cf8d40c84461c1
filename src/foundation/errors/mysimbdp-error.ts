import { type ErrorCode, errorCodes } from './error-codes.ts'
import type { ErrorDomain, Retry } from './error-row.ts'

interface ErrorDetails {
  readonly cause?: unknown
  /** An action for the reader, when a better one is known than the table's. */
  readonly hint?: string
  /** Where it happened: job, query, stream, partition, offset, file; added while the error travels up. */
  readonly where?: Readonly<Record<string, string | number>>
}

/** The one error class. `code` decides domain and retry; the message is factual and begins in lower case. */
export class MysimbdpError extends Error {
  override readonly name = 'MysimbdpError'
  readonly code: ErrorCode
  readonly hint: string
  readonly where: Readonly<Record<string, string | number>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint ?? errorCodes[code].hint
    this.where = details.where ?? {}
  }

  get domain(): ErrorDomain {
    return errorCodes[this.code].domain
  }

  get retry(): Retry {
    return errorCodes[this.code].retry
  }

  /** The same error with more places; places already known win. */
  at(where: Readonly<Record<string, string | number>>): MysimbdpError {
    return new MysimbdpError(this.code, this.message, {
      cause: this.cause,
      hint: this.hint,
      where: { ...where, ...this.where },
    })
  }
}

/** States an invariant. A broken one is a bug of ours: nothing catches it on purpose. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new MysimbdpError('MSB_INTERNAL', `broken invariant: ${what}`)
}
