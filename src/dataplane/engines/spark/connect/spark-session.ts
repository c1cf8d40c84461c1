import type { MessageInitShape } from '@bufbuild/protobuf'
import { type Client, createClient, type Interceptor } from '@connectrpc/connect'
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomId } from '#foundation/random/random-id.ts'
import type { SparkAddress } from './connection-string.ts'
import type { CommandSchema } from './generated/commands_pb.ts'
import type { RelationSchema } from './generated/relations_pb.ts'
import {
  type AnalyzePlanRequestSchema,
  type ExecutePlanResponse,
  AnalyzePlanRequest_Explain_ExplainMode as ExplainMode,
  SparkConnectService,
} from './generated/service_pb.ts'
import { reattaching } from './reattaching.ts'
import { faultOf, sparkErrorOf } from './spark-error.ts'

/** A relation or a command as a plain object in the shape of its message. */
export type RelationInit = MessageInitShape<typeof RelationSchema>
export type CommandInit = MessageInitShape<typeof CommandSchema>

/** What is executed, and what ends waiting for it. */
export interface Execution {
  readonly plan:
    | { readonly case: 'root'; readonly value: RelationInit }
    | { readonly case: 'command'; readonly value: CommandInit }
  readonly signal?: AbortSignal
}

const CLIENT_TYPE = 'mysimbdp'
/** A schema or a plan of many fields; batches of rows are cut by the server at a few MB. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024
/** Sent while an answer is awaited, so that a server that is gone without a word is noticed. */
const PING_INTERVAL_MS = 15_000
const PING_TIMEOUT_MS = 10_000
const UNARY_TIMEOUT_MS = 60_000

/**
 * A session of a Spark Connect server: views, settings and streaming queries belong to it. It lives on the server until nobody has asked for anything for
 * an hour (`spark.connect.session.manager.defaultSessionTimeout`), and its queries end with it; closing this object leaves both alone.
 * All methods throw MSB_SPARK_UNREACHABLE, MSB_SPARK_DENIED, MSB_SPARK_SESSION_LOST, MSB_SPARK_REFUSED, MSB_SPARK_FAILED.
 */
export class SparkSession {
  readonly id: string
  readonly userId: string
  readonly #client: Client<typeof SparkConnectService>
  readonly #connections: Http2SessionManager
  /** The server's own id of the session. With it a server that was restarted refuses the next request, and does not answer as if nothing had run. */
  #observed: string | null = null
  #closed = false

  constructor({ baseUrl, userId, sessionId, headers }: SparkAddress) {
    this.id = sessionId ?? randomId()
    this.userId = userId
    this.#connections = new Http2SessionManager(baseUrl, {
      pingIntervalMs: PING_INTERVAL_MS,
      pingTimeoutMs: PING_TIMEOUT_MS,
    })
    const withHeaders: Interceptor = (next) => (request) => {
      for (const [name, value] of Object.entries(headers)) request.header.set(name, value)
      return next(request)
    }
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager: this.#connections,
      interceptors: [withHeaders],
      readMaxBytes: ANSWER_BYTES_MAX,
    })
    this.#client = createClient(SparkConnectService, transport)
  }

  /** Ends the connection; what runs on the server goes on. */
  close(): void {
    this.#closed = true
    this.#connections.abort()
  }

  /** `4.2.0`. Also the cheapest way of telling the server that the session is in use. */
  async version(): Promise<string> {
    const result = await this.#analyze({ case: 'sparkVersion', value: {} })
    return result.case === 'sparkVersion' ? result.value.version : ''
  }

  /** The schema of a relation, as a tree in text. */
  async schemaText(relation: RelationInit): Promise<string> {
    const result = await this.#analyze({ case: 'treeString', value: { plan: planOf(relation) } })
    return result.case === 'treeString' ? result.value.treeString : ''
  }

  /** The parsed, analyzed, optimized and physical plan of a relation. */
  async explain(relation: RelationInit): Promise<string> {
    const value = { plan: planOf(relation), explainMode: ExplainMode.EXTENDED }
    const result = await this.#analyze({ case: 'explain', value })
    return result.case === 'explain' ? result.value.explainString : ''
  }

  async setConfiguration(settings: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(settings).map(([key, value]) => ({ key, value }))
    const request = { ...this.#request(), operation: { opType: { case: 'set' as const, value: { pairs } } } }
    this.#observe(await this.#ask(() => this.#client.config(request, { timeoutMs: UNARY_TIMEOUT_MS })))
  }

  /** Undefined for what has no value. */
  async configuration(key: string): Promise<string | undefined> {
    const operation = { opType: { case: 'getOption' as const, value: { keys: [key] } } }
    const request = { ...this.#request(), operation }
    const answer = await this.#ask(() => this.#client.config(request, { timeoutMs: UNARY_TIMEOUT_MS }))
    this.#observe(answer)
    return answer.pairs[0]?.value
  }

  /** All answers to a command. */
  async run(command: CommandInit, signal?: AbortSignal): Promise<readonly ExecutePlanResponse[]> {
    const answers: ExecutePlanResponse[] = []
    const plan = { case: 'command' as const, value: command }
    for await (const answer of this.execute({ plan, ...(signal && { signal }) })) answers.push(answer)
    return answers
  }

  /** The answers of the server, one after the other, over connections that break. Who stops reading ends the execution. */
  async *execute({ plan, signal }: Execution): AsyncGenerator<ExecutePlanResponse> {
    const operationId = randomId()
    const options = signal === undefined ? {} : { signal }
    const begin = { plan: { opType: plan }, operationId, requestOptions: [REATTACHABLE] }
    const answers = reattaching({
      begin: () => {
        this.#requireOpen()
        return this.#client.executePlan({ ...this.#request(), ...begin }, options)
      },
      reattach: (lastResponseId) => {
        this.#requireOpen()
        const after = lastResponseId === undefined ? {} : { lastResponseId }
        return this.#client.reattachExecute({ ...this.#request(), operationId, ...after }, options)
      },
      errorOf: (cause) => this.#errorOf(cause),
      ...options,
    })
    try {
      for await (const answer of answers) {
        this.#observe(answer)
        yield answer
      }
    } finally {
      this.#release(operationId)
    }
  }

  /** Nobody waits for it: the server forgets an operation by itself some minutes later. */
  #release(operationId: string): void {
    if (this.#closed) return
    const release = { case: 'releaseAll' as const, value: {} }
    const request = { ...this.#request(), operationId, release }
    this.#client.releaseExecute(request, { timeoutMs: UNARY_TIMEOUT_MS }).catch(() => {})
  }

  async #analyze(analyze: MessageInitShape<typeof AnalyzePlanRequestSchema>['analyze'] & {}) {
    const request = { ...this.#request(), analyze }
    const answer = await this.#ask(() => this.#client.analyzePlan(request, { timeoutMs: UNARY_TIMEOUT_MS }))
    this.#observe(answer)
    return answer.result
  }

  /** A call after the end would connect again, and wait for an answer that nobody reads. @throws MSB_NOT_RUNNING */
  #requireOpen(): void {
    if (!this.#closed) return
    throw new MysimbdpError('MSB_NOT_RUNNING', 'the connection to the Spark server was closed from here')
  }

  #request() {
    return {
      sessionId: this.id,
      userContext: { userId: this.userId },
      clientType: CLIENT_TYPE,
      ...(this.#observed !== null && { clientObservedServerSideSessionId: this.#observed }),
    }
  }

  #observe({ serverSideSessionId }: { readonly serverSideSessionId: string }): void {
    if (serverSideSessionId !== '') this.#observed = serverSideSessionId
  }

  async #ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    this.#requireOpen()
    try {
      return await call()
    } catch (cause) {
      throw await this.#errorOf(cause)
    }
  }

  /** The server keeps the whole story of an error for a while: what comes with the answer is cut. */
  async #errorOf(cause: unknown): Promise<MysimbdpError> {
    const fault = faultOf(cause)
    const { errorId } = fault
    if (errorId === null) return sparkErrorOf(fault, null, cause)
    const details = await this.#client
      .fetchErrorDetails({ ...this.#request(), errorId }, { timeoutMs: UNARY_TIMEOUT_MS })
      .catch(() => null)
    return sparkErrorOf(fault, details, cause)
  }
}

const REATTACHABLE = { requestOption: { case: 'reattachOptions' as const, value: { reattachable: true } } }

const planOf = (relation: RelationInit) => ({ opType: { case: 'root' as const, value: relation } })
