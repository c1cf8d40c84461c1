import { Code, ConnectError } from '@connectrpc/connect'
import type { ErrorCode } from '#foundation/errors/error-codes.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { ErrorInfoSchema } from './generated/error-info_pb.ts'
import type { FetchErrorDetailsResponse } from './generated/service_pb.ts'

/** What an answer of the server says of an error, as far as it can be read. */
export interface SparkFault {
  readonly status: Code
  readonly message: string
  /** Spark's name of the error, `STREAMING_QUERY.NOT_FOUND`; null where the server named none. */
  readonly errorClass: string | null
  readonly sqlState: string | null
  /** The class of the exception and those it extends, as text. */
  readonly classes: string
  /** With which the server can be asked for more. */
  readonly errorId: string | null
}

export function faultOf(error: unknown): SparkFault {
  const answer = ConnectError.from(error)
  const [info] = answer.findDetails(ErrorInfoSchema)
  const metadata: Readonly<Record<string, string | undefined>> = info?.metadata ?? {}
  return {
    status: answer.code,
    message: answer.rawMessage,
    errorClass: metadata.errorClass ?? null,
    sqlState: metadata.sqlState ?? null,
    classes: metadata.classes ?? '',
    errorId: metadata.errorId ?? null,
  }
}

/** What the package says of an answer that was cut off: gRPC ends each with a status. */
const CUT_OFF = 'protocol error: missing status'

/**
 * A server that is killed, or shuts down, ends what it was asked with CANCELED: nobody here has cancelled anything. One behind a proxy, or a proxy that ends, cuts the
 * answer off.
 */
export const isLost = ({ status, message }: SparkFault): boolean =>
  status === Code.Unavailable || status === Code.Canceled || (status === Code.Internal && message === CUT_OFF)

/** The server of before is gone with all it knew, or has closed the session for want of use. */
const SESSION_LOST = [
  'INVALID_HANDLE.SESSION_CHANGED',
  'INVALID_HANDLE.SESSION_CLOSED',
  'INVALID_HANDLE.SESSION_NOT_FOUND',
  'CONNECT_INVALID_PLAN.STREAMING_QUERY_NOT_FOUND',
]

/** Exceptions that say the same however often they are met. */
const WRONG_PLAN = /AnalysisException|ParseException/

const MESSAGE_CHARACTERS_MAX = 2000

/** @param details what the server said when it was asked for more, null where it did not */
export function sparkErrorOf(
  fault: SparkFault,
  details: FetchErrorDetailsResponse | null,
  cause: unknown,
): MysimbdpError {
  const { errorClass, sqlState } = fault
  const said = details === null ? fault.message : messagesOf(details, fault.message)
  return new MysimbdpError(codeOf(fault), said.slice(0, MESSAGE_CHARACTERS_MAX), {
    cause,
    where: { ...(errorClass !== null && { errorClass }), ...(sqlState !== null && { sqlState }) },
  })
}

function codeOf(fault: SparkFault): ErrorCode {
  const { status, errorClass, classes } = fault
  if (errorClass !== null && SESSION_LOST.includes(errorClass)) return 'MSB_SPARK_SESSION_LOST'
  if (isLost(fault) || status === Code.DeadlineExceeded) return 'MSB_SPARK_UNREACHABLE'
  if (status === Code.Unauthenticated || status === Code.PermissionDenied) return 'MSB_SPARK_DENIED'
  return WRONG_PLAN.test(classes) ? 'MSB_SPARK_REFUSED' : 'MSB_SPARK_FAILED'
}

/** The error and what caused it, from the outside in; what says the same as its cause stands once. */
function messagesOf({ rootErrorIdx, errors }: FetchErrorDetailsResponse, otherwise: string): string {
  const messages: string[] = []
  const seen = new Set<number>()
  for (let index = rootErrorIdx; index !== undefined && !seen.has(index); index = errors[index]?.causeIdx) {
    seen.add(index)
    const message = errors[index]?.message ?? ''
    if (message !== '' && !messages.some((before) => before.includes(message))) messages.push(message)
  }
  return messages.length === 0 ? otherwise : messages.join('\ncaused by: ')
}
