import { readFileSync } from 'node:fs'
import { auth, Client, errors, types } from 'cassandra-driver'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

export interface CassandraOptions {
  readonly contactPoints: readonly string[]
  readonly port: number
  readonly localDataCenter: string
  readonly username?: string
  readonly password?: string
  /** How many replicas answer a reading or a statement. `LOCAL_QUORUM` when absent. */
  readonly consistency?: CassandraConsistency
  /** TLS. A server's certificate must come from the authority in the PEM file, or from one that Node knows. */
  readonly tls?: { readonly caFile?: string }
}

export type CassandraConsistency = 'ONE' | 'LOCAL_ONE' | 'QUORUM' | 'LOCAL_QUORUM' | 'ALL'

/** A row as the driver gives it: by column. */
export type CassandraRow = Readonly<Record<string, unknown>>
export type CassandraParameter = string | number | bigint | boolean | Date | null

const PAGE_ROWS = 2000
const CONNECT_TIMEOUT_MS = 5000
const READ_TIMEOUT_MS = 20_000

const CONSISTENCIES: Readonly<Record<CassandraConsistency, types.consistencies>> = {
  ONE: types.consistencies.one,
  LOCAL_ONE: types.consistencies.localOne,
  QUORUM: types.consistencies.quorum,
  LOCAL_QUORUM: types.consistencies.localQuorum,
  ALL: types.consistencies.all,
}

/** A connection to a Cassandra cluster. It opens with the first statement, and again after the cluster was away. */
export class CassandraSession {
  readonly #where: string
  readonly #localDataCenter: string
  readonly #hasUser: boolean
  readonly #client: Client
  /** Hosts that were down at some time. */
  readonly #fallen = new Set<ClosableHost>()

  /** @throws MSB_CONFIG_INVALID when the file of the authority cannot be read */
  constructor(options: CassandraOptions) {
    const { contactPoints, port, localDataCenter, username, password = '', consistency, tls } = options
    this.#where = contactPoints.map((host) => `${host}:${port}`).join(', ')
    this.#localDataCenter = localDataCenter
    this.#hasUser = username !== undefined
    this.#client = new Client({
      contactPoints: [...contactPoints],
      localDataCenter,
      // A port that stands in a contact point alone is not the port of the other nodes of its ring.
      protocolOptions: { port },
      socketOptions: { connectTimeout: CONNECT_TIMEOUT_MS, readTimeout: READ_TIMEOUT_MS },
      encoding: { useBigIntAsLong: true },
      queryOptions: { consistency: CONSISTENCIES[consistency ?? 'LOCAL_QUORUM'], prepare: true },
      ...(username !== undefined && { authProvider: new auth.PlainTextAuthProvider(username, password) }),
      ...(tls && { sslOptions: tlsOptions(tls) }),
    })
    this.#client.on('hostDown', (host: ClosableHost) => this.#fallen.add(host))
    this.#client.on('hostUp', () => void this.#closeReplacedHosts())
  }

  /** The first page of the rows. @throws MSB_SINK_UNREACHABLE, MSB_SINK_REFUSED */
  async execute(statement: string, parameters: readonly CassandraParameter[] = []): Promise<readonly CassandraRow[]> {
    try {
      return (await this.#client.execute(statement, [...parameters])).rows
    } catch (error) {
      throw this.#asMysimbdpError(error)
    }
  }

  /** A statement that changes tables or keyspaces. Resolves when the nodes that are there agree. */
  async define(statement: string): Promise<void> {
    try {
      await this.#client.execute(statement, [], { prepare: false, isIdempotent: true })
    } catch (error) {
      throw this.#asMysimbdpError(error)
    }
  }

  /** The rows page by page, each asked for when it is wanted. @throws MSB_SINK_UNREACHABLE, MSB_SINK_REFUSED */
  async *pages(
    statement: string,
    parameters: readonly CassandraParameter[] = [],
  ): AsyncGenerator<readonly CassandraRow[]> {
    let pageState: string | undefined
    do {
      const page = await this.#page(statement, parameters, pageState)
      pageState = page.pageState ?? undefined
      yield page.rows
    } while (pageState !== undefined)
  }

  async #page(
    statement: string,
    parameters: readonly CassandraParameter[],
    pageState: string | undefined,
  ): Promise<types.ResultSet> {
    try {
      return await this.#client.execute(statement, [...parameters], {
        fetchSize: PAGE_ROWS,
        ...(pageState !== undefined && { pageState }),
      })
    } catch (error) {
      throw this.#asMysimbdpError(error)
    }
  }

  async close(): Promise<void> {
    await this.#client.shutdown()
    await this.#closeReplacedHosts()
  }

  /**
   * After an outage the driver can have another object for a node than before, and forgets the first one, which goes on connecting and keeps
   * the process from ending.
   */
  async #closeReplacedHosts(): Promise<void> {
    const known: ReadonlySet<unknown> = new Set(this.#client.hosts.values())
    for (const host of [...this.#fallen].filter((one) => !known.has(one))) {
      this.#fallen.delete(host)
      await host.shutdown(false)
    }
  }

  #noHost(error: errors.NoHostAvailableError): MysimbdpError {
    const cause = causeOf(error)
    const refusal = refusalOf(cause, this.#hasUser)
    if (refusal === undefined)
      return new MysimbdpError(
        'MSB_SINK_UNREACHABLE',
        `Cassandra at ${this.#where} does not answer: ${cause.message}`,
        { cause: error },
      )
    const { what, hint } = refusal
    return new MysimbdpError('MSB_SINK_REFUSED', `Cassandra at ${this.#where} ${what}`, { cause: error, hint })
  }

  #asMysimbdpError(error: unknown): MysimbdpError {
    const message = error instanceof Error ? error.message : String(error)
    const dataCenters = /only found hosts in data centers: \[(.*)\]/.exec(message)?.[1]
    if (dataCenters !== undefined) {
      // The driver leaves the connection open by which it found out: the process would not end.
      void (this.#client as unknown as ClientInside).controlConnection.connection?.close()
      return new MysimbdpError(
        'MSB_SINK_REFUSED',
        `Cassandra at ${this.#where} has no data center '${this.#localDataCenter}'`,
        { cause: error, hint: `Name one that is there under sink.localDataCenter: '${dataCenters}'.` },
      )
    }
    if (error instanceof errors.NoHostAvailableError) return this.#noHost(error)
    const isAway =
      error instanceof errors.OperationTimedOutError ||
      error instanceof errors.BusyConnectionError ||
      (error instanceof errors.ResponseError && AWAY_CODES.has(error.code))
    return new MysimbdpError(isAway ? 'MSB_SINK_UNREACHABLE' : 'MSB_SINK_REFUSED', `Cassandra says: ${message}`, {
      cause: error,
    })
  }
}

/** Without being told, the driver takes any certificate. */
function tlsOptions({ caFile }: NonNullable<CassandraOptions['tls']>) {
  if (caFile === undefined) return { rejectUnauthorized: true }
  try {
    return { rejectUnauthorized: true, ca: readFileSync(caFile) }
  } catch (cause) {
    throw new MysimbdpError('MSB_CONFIG_INVALID', `'${caFile}' cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Correct sink.tls.caFile; a relative path counts from the folder of the configuration.',
    })
  }
}

/** A host as the driver has it inside. */
interface ClosableHost {
  shutdown(waitForPending: boolean): Promise<void>
}

/** What the driver has inside. */
interface ClientInside {
  readonly controlConnection: { readonly connection: { close(): unknown } | null }
}

/** Answers that say that too few replicas are there, or that they are too slow. */
const AWAY_CODES: ReadonlySet<number> = new Set([
  types.responseErrorCodes.unavailableException,
  types.responseErrorCodes.overloaded,
  types.responseErrorCodes.isBootstrapping,
  types.responseErrorCodes.writeTimeout,
  types.responseErrorCodes.readTimeout,
])

function causeOf(error: errors.NoHostAvailableError): Error {
  const first = Object.values((error.innerErrors ?? {}) as Record<string, unknown>)[0]
  return first instanceof Error ? first : error
}

/** What OpenSSL says of a certificate that nobody vouches for. */
const UNTRUSTED = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/

/** Why a server that answers will not have us, and what to do; undefined where it does not answer. */
function refusalOf(cause: Error, hasUser: boolean): { readonly what: string; readonly hint: string } | undefined {
  if (cause instanceof errors.AuthenticationError)
    return hasUser
      ? {
          what: 'does not know the user, or the password is wrong',
          hint: 'Check sink.username and MYSIMBDP_SINK_PASSWORD.',
        }
      : { what: 'wants a user', hint: 'Set sink.username, and the password in MYSIMBDP_SINK_PASSWORD.' }
  if (UNTRUSTED.test(String((cause as NodeJS.ErrnoException).code)))
    return {
      what: `has a certificate that is not trusted (${cause.message})`,
      hint: 'Name the file of the authority that signed it under sink.tls.caFile.',
    }
  return undefined
}
