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
  const errors = errorsIn(error)
  // One that our own code gave the package comes back with those of all attempts around it.
  const ours = errors.find((one) => one instanceof MysimbdpError)
  if (ours !== undefined) return ours
  // The last answer counts: a fenced producer first meets a transaction that is still being ended.
  const answers = errors.flatMap(({ apiId }) => (apiId === undefined ? [] : [apiId]))
  const decisive = answers.findLast((answer) => CODE_BY_ANSWER[answer] !== undefined)
  if (decisive !== undefined)
    return new MysimbdpError(CODE_BY_ANSWER[decisive]!, `${doing}: ${sentenceOf(decisive)}`, { cause: error })
  const way = wayFault(errors)
  if (way !== undefined)
    return new MysimbdpError(way.code, `${doing}: ${way.sentence}`, { cause: error, hint: way.hint })
  if (errors.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION'))
    return new MysimbdpError('MSB_KAFKA_DENIED', `${doing}: ${lastMessage(errors)}`, { cause: error })
  if (errors.some(({ message }) => message?.startsWith('Unknown topic') === true))
    return new MysimbdpError('MSB_KAFKA_TOPIC_NOT_FOUND', `${doing}: there is no such topic`, { cause: error })
  if (answers.length > 0)
    return new MysimbdpError('MSB_KAFKA_FAILED', `${doing}: Kafka answers ${answers.at(-1)}`, { cause: error })
  const code = errors.some((one) => NETWORK.includes(one.code ?? '')) ? 'MSB_KAFKA_UNREACHABLE' : 'MSB_KAFKA_FAILED'
  return new MysimbdpError(code, `${doing}: ${lastMessage(errors)}`, { cause: error })
}

/** What an answer means, where its name does not say it to everybody. */
function sentenceOf(answer: string): string {
  if (answer === 'SASL_AUTHENTICATION_FAILED')
    return `Kafka does not know the user, or the password is wrong (${answer})`
  if (answer === 'UNSUPPORTED_SASL_MECHANISM') return `the brokers do not have the mechanism (${answer})`
  if (answer.endsWith('_AUTHORIZATION_FAILED')) return `the user has no right to do that (${answer})`
  return `Kafka answers ${answer}`
}

interface WayFault {
  readonly code: ErrorCode
  readonly sentence: string
  readonly hint: string
}

/** Codes of Node and OpenSSL that begin so are about a certificate. */
const CERTIFICATE = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/
/** What a port without TLS looks like to somebody who begins with it. */
const WITHOUT_TLS = /before secure TLS connection|wrong version number|packet length too long/

/** What is wrong on the way to a broker, before it has answered anything. */
function wayFault(errors: readonly ErrorFacts[]): WayFault | undefined {
  const certificate = errors.find(({ code }) => CERTIFICATE.test(code ?? ''))
  if (certificate !== undefined)
    return {
      code: 'MSB_KAFKA_DENIED',
      sentence: `the certificate of the broker is not trusted: ${certificate.message}`,
      hint: 'Name the PEM file of the authority that signed it under broker.tls.caFile, and brokers as they are called in their certificates.',
    }
  if (errors.some(({ message }) => WITHOUT_TLS.test(message ?? '')))
    return {
      code: 'MSB_KAFKA_UNREACHABLE',
      sentence: 'what listens there does not speak TLS',
      hint: 'Name the port for TLS under broker.bootstrapServers, or leave broker.tls out.',
    }
  if (errors.some(({ message }) => message === 'Connection closed'))
    return {
      code: 'MSB_KAFKA_UNREACHABLE',
      sentence: 'the broker closed the connection',
      hint: 'Work goes on by itself when it answers again. One that never answers may ask for encryption (broker.tls) or for a user (broker.sasl).',
    }
  return undefined
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
