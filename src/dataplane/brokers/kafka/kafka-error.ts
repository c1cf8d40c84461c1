import type { ErrorCode } from '#foundation/errors/error-codes.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** What of an answer of a broker decides what becomes of it; any other answer is MSB_KAFKA_FAILED. */
const CODE_BY_ANSWER: Readonly<Record<string, ErrorCode>> = {
  PRODUCER_FENCED: 'MSB_KAFKA_FENCED',
  INVALID_PRODUCER_EPOCH: 'MSB_KAFKA_FENCED',
  OFFSET_OUT_OF_RANGE: 'MSB_LOG_OFFSET_OUT_OF_RANGE',
  UNKNOWN_TOPIC_OR_PARTITION: 'MSB_KAFKA_TOPIC_NOT_FOUND',
  UNKNOWN_TOPIC_ID: 'MSB_KAFKA_TOPIC_NOT_FOUND',
  INCONSISTENT_TOPIC_ID: 'MSB_KAFKA_TOPIC_NOT_FOUND',
  MESSAGE_TOO_LARGE: 'MSB_KAFKA_RECORD_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'MSB_KAFKA_RECORD_TOO_LARGE',
  SASL_AUTHENTICATION_FAILED: 'MSB_KAFKA_DENIED',
  UNSUPPORTED_SASL_MECHANISM: 'MSB_KAFKA_DENIED',
  ILLEGAL_SASL_STATE: 'MSB_KAFKA_DENIED',
  TOPIC_AUTHORIZATION_FAILED: 'MSB_KAFKA_DENIED',
  GROUP_AUTHORIZATION_FAILED: 'MSB_KAFKA_DENIED',
  CLUSTER_AUTHORIZATION_FAILED: 'MSB_KAFKA_DENIED',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'MSB_KAFKA_DENIED',
}

/**
 * The error of the package as one of ours.
 * @param doing what was being done, as in `reading 'taxi_trips'`
 */
export function kafkaError(error: unknown, doing: string): MysimbdpError {
  if (error instanceof MysimbdpError) return error
  const errors = errorsIn(error)
  // The last answer counts: a fenced producer first meets a transaction that is still being ended.
  const answers = errors.flatMap(({ apiId }) => (apiId === undefined ? [] : [apiId]))
  const decisive = answers.findLast((answer) => CODE_BY_ANSWER[answer] !== undefined)
  if (decisive !== undefined)
    return new MysimbdpError(CODE_BY_ANSWER[decisive]!, `${doing}: Kafka answers ${decisive}`, { cause: error })
  if (errors.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION'))
    return new MysimbdpError('MSB_KAFKA_DENIED', `${doing}: ${lastMessage(errors)}`, { cause: error })
  if (errors.some(({ message }) => message?.startsWith('Unknown topic') === true))
    return new MysimbdpError('MSB_KAFKA_TOPIC_NOT_FOUND', `${doing}: there is no such topic`, { cause: error })
  if (answers.length > 0)
    return new MysimbdpError('MSB_KAFKA_FAILED', `${doing}: Kafka answers ${answers.at(-1)}`, { cause: error })
  const code = errors.some((one) => NETWORK.includes(one.code ?? '')) ? 'MSB_KAFKA_UNREACHABLE' : 'MSB_KAFKA_FAILED'
  return new MysimbdpError(code, `${doing}: ${lastMessage(errors)}`, { cause: error })
}

/** Whether it comes from the package, and not from what was called beside it. */
export const isOfKafka = (error: unknown): boolean =>
  errorsIn(error).some(({ code, apiId }) => apiId !== undefined || code?.startsWith('PLT_KFK_'))

/** Whether the broker answered so, however deep the package has wrapped it. */
export const isAnswer = (error: unknown, apiId: string): boolean => errorsIn(error).some((one) => one.apiId === apiId)

/** Runs a call of the package; its errors become ours. */
export async function asKafka<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw kafkaError(error, doing)
  }
}

const NETWORK = ['PLT_KFK_NETWORK', 'PLT_KFK_TIMEOUT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT']
/** An error holds those of all its attempts; so deep they are looked at. */
const DEPTH_MAX = 6

interface ErrorFacts {
  readonly code?: string
  readonly apiId?: string
  readonly message?: string
  readonly errors?: readonly unknown[]
  readonly cause?: unknown
}

/** The error and all that lie in it, from the outside in. */
function errorsIn(error: unknown, depth = 0): readonly ErrorFacts[] {
  if (typeof error !== 'object' || error === null || depth > DEPTH_MAX) return []
  const facts: ErrorFacts = error
  return [facts, ...[...(facts.errors ?? []), facts.cause].flatMap((inner) => errorsIn(inner, depth + 1))]
}

const lastMessage = (errors: readonly ErrorFacts[]): string =>
  errors.findLast(({ message }) => message !== undefined && message !== '')?.message ?? 'no reason was given'
