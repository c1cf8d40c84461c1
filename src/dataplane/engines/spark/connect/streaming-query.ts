import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { StreamingQueryCommandResult } from './generated/commands_pb.ts'
import type { RelationInit, SparkSession } from './spark-session.ts'

/** A streaming query that is to be started. */
export interface QueryStart {
  readonly name: string
  readonly input: RelationInit
  readonly outputMode: 'append' | 'update' | 'complete'
  readonly format: string
  /** Of the sink; `checkpointLocation` among them. */
  readonly options: Readonly<Record<string, string>>
  /** `1 second`: how often it looks for records; or once, for all there are. */
  readonly trigger: { readonly every: string } | 'available now'
}

export interface QueryName {
  /** Of the checkpoint: the same after a restart. */
  readonly id: string
  /** Of this run. */
  readonly runId: string
  readonly name: string
}

/** How a streaming query has ended. */
export interface QueryFailure {
  readonly message: string
  /** Spark's name of the error, null where it has none. */
  readonly errorClass: string | null
}

type QueryCommand = 'status' | 'lastProgress' | 'recentProgress' | 'stop' | 'processAllAvailable' | 'exception'
type Result = StreamingQueryCommandResult['resultType']

/**
 * A streaming query of a session. Methods throw what `SparkSession` throws: MSB_SPARK_SESSION_LOST where the server does not know the query, which is so
 * from the moment at which it has been asked after its end, too.
 */
export class StreamingQuery implements QueryName {
  readonly id: string
  readonly runId: string
  readonly name: string
  readonly #session: SparkSession

  constructor(session: SparkSession, { id, runId, name }: QueryName) {
    this.#session = session
    this.id = id
    this.runId = runId
    this.name = name
  }

  /** Whether it runs, and what it does, in Spark's words. */
  async status(): Promise<{ readonly isActive: boolean; readonly message: string; readonly hasData: boolean }> {
    const result = await this.#ask('status')
    if (result.case !== 'status') throw unexpected(this.name, 'status')
    const { isActive, statusMessage, isDataAvailable } = result.value
    return { isActive, message: statusMessage, hasData: isDataAvailable }
  }

  /** The last batch, as Spark's JSON; null before the first. */
  async lastProgress(): Promise<unknown> {
    return (await this.#progress('lastProgress')).at(-1) ?? null
  }

  /** The last hundred batches, oldest first, as Spark's JSON. */
  recentProgress(): Promise<readonly unknown[]> {
    return this.#progress('recentProgress')
  }

  /** Why it ended; null while it runs, and where it was stopped. */
  async failure(): Promise<QueryFailure | null> {
    const result = await this.#ask('exception')
    if (result.case !== 'exception' || result.value.exceptionMessage === undefined) return null
    const { exceptionMessage, errorClass = null } = result.value
    return { message: exceptionMessage, errorClass }
  }

  async stop(): Promise<void> {
    await this.#ask('stop')
  }

  /** Resolves when all that was in the source at the call is processed. On a topic that keeps growing it may never: for tests. */
  async processAllAvailable(signal?: AbortSignal): Promise<void> {
    await this.#ask('processAllAvailable', signal)
  }

  async #progress(command: 'lastProgress' | 'recentProgress'): Promise<readonly unknown[]> {
    const result = await this.#ask(command)
    if (result.case !== 'recentProgress') return []
    return result.value.recentProgressJson.map((text) => JSON.parse(text) as unknown)
  }

  async #ask(command: QueryCommand, signal?: AbortSignal): Promise<Result> {
    const queryId = { id: this.id, runId: this.runId }
    const value = { queryId, command: { case: command, value: true } }
    const answers = await this.#session.run({ commandType: { case: 'streamingQueryCommand', value } }, signal)
    for (const { responseType } of answers)
      if (responseType.case === 'streamingQueryCommandResult') return responseType.value.resultType
    return { case: undefined }
  }
}

/** Starts a query. Another run on its checkpoint, of whatever session of the same server, is stopped by Spark. */
export async function startStreamingQuery(session: SparkSession, start: QueryStart): Promise<StreamingQuery> {
  const { name, input, outputMode, format, options, trigger } = start
  const value = {
    input,
    format,
    options: { ...options },
    outputMode,
    queryName: name,
    trigger:
      trigger === 'available now'
        ? { case: 'availableNow' as const, value: true }
        : { case: 'processingTimeInterval' as const, value: trigger.every },
  }
  const answers = await session.run({ commandType: { case: 'writeStreamOperationStart', value } })
  for (const { responseType } of answers) {
    if (responseType.case !== 'writeStreamOperationStartResult') continue
    const { queryId } = responseType.value
    if (queryId !== undefined) return new StreamingQuery(session, { id: queryId.id, runId: queryId.runId, name })
  }
  throw unexpected(name, 'the start of a query')
}

/** The queries that run in a session. */
export async function activeQueries(session: SparkSession): Promise<readonly StreamingQuery[]> {
  const value = { command: { case: 'active' as const, value: true } }
  const answers = await session.run({ commandType: { case: 'streamingQueryManagerCommand', value } })
  return answers.flatMap(({ responseType }) => {
    if (responseType.case !== 'streamingQueryManagerCommandResult') return []
    const { resultType } = responseType.value
    if (resultType.case !== 'active') return []
    return resultType.value.activeQueries.flatMap(({ id, name = '' }) =>
      id === undefined ? [] : [new StreamingQuery(session, { id: id.id, runId: id.runId, name })],
    )
  })
}

const unexpected = (name: string, what: string): MysimbdpError =>
  new MysimbdpError('MSB_SPARK_FAILED', `Spark gave no answer to ${what} of '${name}' that can be understood`)
