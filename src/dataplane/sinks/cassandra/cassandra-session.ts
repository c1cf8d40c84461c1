import { auth, Client, errors, types } from 'cassandra-driver'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

export interface CassandraOptions {
  readonly contactPoints: readonly string[]
  readonly port: number
  readonly localDataCenter: string
  readonly credentials?: { readonly username: string; readonly password: string }
  /** How many replicas answer a reading or a statement. `LOCAL_QUORUM` when absent. */
  readonly consistency?: CassandraConsistency
  /** TLS with the certificates of the system, or with the given ones (PEM). */
  readonly tls?: { readonly ca?: string }
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
  readonly #client: Client
  /** Hosts that were down at some time. */
  readonly #fallen = new Set<ClosableHost>()

  constructor({ contactPoints, port, localDataCenter, credentials, consistency, tls }: CassandraOptions) {
    this.#where = contactPoints.map((host) => `${host}:${port}`).join(', ')
    this.#localDataCenter = localDataCenter
    this.#client = new Client({
      contactPoints: [...contactPoints],
      localDataCenter,
      // A port that stands in a contact point alone is not the port of the other nodes of its ring.
      protocolOptions: { port },
      socketOptions: { connectTimeout: CONNECT_TIMEOUT_MS, readTimeout: READ_TIMEOUT_MS },
      encoding: { useBigIntAsLong: true },
      queryOptions: { consistency: CONSISTENCIES[consistency ?? 'LOCAL_QUORUM'], prepare: true },
      ...(credentials && { authProvider: new auth.PlainTextAuthProvider(credentials.username, credentials.password) }),
      ...(tls && { sslOptions: tls.ca === undefined ? {} : { ca: tls.ca } }),
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
    if (error instanceof errors.NoHostAvailableError)
      return new MysimbdpError(
        'MSB_SINK_UNREACHABLE',
        `Cassandra at ${this.#where} does not answer: ${causeOf(error)}`,
        {
          cause: error,
        },
      )
    const isAway =
      error instanceof errors.OperationTimedOutError ||
      error instanceof errors.BusyConnectionError ||
      (error instanceof errors.ResponseError && AWAY_CODES.has(error.code))
    return new MysimbdpError(isAway ? 'MSB_SINK_UNREACHABLE' : 'MSB_SINK_REFUSED', `Cassandra says: ${message}`, {
      cause: error,
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

function causeOf({ innerErrors, message }: errors.NoHostAvailableError): string {
  const first = Object.values((innerErrors ?? {}) as Record<string, unknown>)[0]
  return first instanceof Error ? first.message : message
}
