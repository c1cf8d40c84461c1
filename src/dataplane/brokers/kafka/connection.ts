import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Admin, type BaseOptions, FetchIsolationLevels, Producer } from '@platformatic/kafka'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { QuickFetchConsumer } from './fetch-api.ts'
import { isAnswer } from './kafka-error.ts'

/** Where a Kafka cluster is and how to get in; as in the platform's configuration under `broker`. */
export interface KafkaConnection {
  /** `host:port`, one or more. */
  readonly bootstrapServers: readonly string[]
  /** Encrypted when present. */
  readonly tls?: KafkaTls
  readonly sasl?: KafkaSasl
  /** How often a call is made again that did not succeed; for about 10 s when absent. */
  readonly retries?: number
}

/** Paths of PEM files. Without `caFile` the certificates that Node knows are trusted. */
export interface KafkaTls {
  readonly caFile?: string
  readonly certificateFile?: string
  readonly keyFile?: string
}

export interface KafkaSasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** About 10 s of attempts: a broker that restarts, or moves a leader, is not noticed by who called. */
const RETRIES = 45
const RETRY_DELAY_MS_MAX = 250
/** A transaction that begins right behind another one is refused until the markers of that one are written, which takes milliseconds. */
const MARKER_DELAY_MS = 3
const MARKER_ATTEMPTS = 15

function retryDelayMs(_client: object, _operation: string, attempt: number, _retries: number, error: Error): number {
  const awaitsMarkers = attempt <= MARKER_ATTEMPTS && isAnswer(error, 'CONCURRENT_TRANSACTIONS')
  return awaitsMarkers ? MARKER_DELAY_MS : Math.min(2 ** attempt, RETRY_DELAY_MS_MAX)
}
const CONNECT_TIMEOUT_MS = 3000
/** Of admin calls and reads. */
const TIMEOUT_MS = 10_000
/**
 * Of a transaction: the package sends the `timeout` of its requests as that of the transaction, 5 s by default, after which the
 * coordinator aborts it and fences the producer.
 */
export const TRANSACTION_TIMEOUT_MS = 60_000
/** The package's 50 MB would be held several times over. */
const FETCH_BYTES_MAX = 8 * 1024 * 1024

/** Only what is set: the package takes an `undefined` for a value in places. */
function baseOptions(
  { bootstrapServers, tls, sasl, retries = RETRIES }: KafkaConnection,
  clientId: string,
): BaseOptions {
  return {
    clientId,
    bootstrapBrokers: [...bootstrapServers],
    retries,
    retryDelay: retryDelayMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    timeout: TIMEOUT_MS,
    ...(tls === undefined ? {} : { tls: tlsOptions(tls), tlsServerName: bootstrapServers.some(isNamed) }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
  }
}

const tlsOptions = ({ caFile, certificateFile, keyFile }: KafkaTls) => ({
  ...(caFile === undefined ? {} : { ca: pemOf(caFile) }),
  ...(certificateFile === undefined ? {} : { cert: pemOf(certificateFile) }),
  ...(keyFile === undefined ? {} : { key: pemOf(keyFile) }),
})

function pemOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new MysimbdpError('MSB_CONFIG_INVALID', `'${file}' cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Correct the names of files under broker.tls; relative ones count from the folder of the configuration.',
    })
  }
}

/** TLS has no place for an address where a name is to stand. */
const isNamed = (server: string): boolean => isIP(server.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '')) === 0

export const createAdmin = (connection: KafkaConnection): Admin => new Admin(baseOptions(connection, 'mysimbdp-admin'))

/** Of a consumer that is a member of its group. */
export const memberOptions = (connection: KafkaConnection, groupId: string) => ({
  ...baseOptions(connection, 'mysimbdp'),
  groupId,
  autocommit: false,
})

/** A consumer that joins no group and fetches alone. */
export const createConsumer = (connection: KafkaConnection, groupId: string): QuickFetchConsumer =>
  new QuickFetchConsumer({
    ...baseOptions(connection, 'mysimbdp-reader'),
    groupId,
    autocommit: false,
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    maxBytes: FETCH_BYTES_MAX,
  })

/**
 * The bare client of a transactional producer; `TransactionalProducer` is what is safe to use.
 *
 * Producer id and epoch are given as -1, "none yet": the package says 0, which the coordinator takes for a claim, so that every start but the
 * first is fenced, or, where the id happens to be 0, an older instance is not.
 */
export const createTransactionalClient = (connection: KafkaConnection, transactionalId: string): Producer =>
  new Producer({
    ...baseOptions(connection, transactionalId),
    idempotent: true,
    transactionalId,
    producerId: -1n,
    producerEpoch: -1,
    timeout: TRANSACTION_TIMEOUT_MS,
    compression: 'lz4',
  })
