import { type MessagePort, parentPort, type Transferable, Worker, workerData } from 'node:worker_threads'
import { type ErrorCode, errorCodes } from '../errors/error-codes.ts'
import { invariant, MysimbdpError } from '../errors/mysimbdp-error.ts'

/** Calls of one thread into another, one message each way, and events the other way. Errors of ours keep code, hint and place. */
type Call = { readonly id: number; readonly method: string; readonly argument: unknown }
type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorMessage }
  | { readonly event: unknown }

interface ErrorMessage {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
  readonly where: Readonly<Record<string, string | number>>
}

/** A thread whose heap grows beyond this ends with an error instead of taking the process with it. */
const HEAP_MEGABYTES = 2048
/** What is new in it and soon forgotten. The usual 48 MB save no work where records are no objects, and every app has two threads. */
const YOUNG_MEGABYTES = 6

/** What a thread offers: each method takes one argument that can be copied between threads. */
export type Methods = Readonly<Record<string, (argument: never) => unknown>>

type ArgumentOf<M> = M extends (argument: infer A) => unknown ? A : never
type ResultOf<M> = M extends (argument: never) => infer R ? Awaited<R> : never

/** The side that starts the thread. `M` is what the thread offers, `E` the events it sends. */
export class Thread<M extends Methods, E> {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #ended = false
  #nextId = 0

  /** `onEnd` is called once, with the error that ended the thread, or null when it was stopped. */
  constructor(
    entry: URL,
    data: unknown,
    handlers: { onEvent(event: E): void; onEnd(error: MysimbdpError | null): void },
    heapMegabytes = HEAP_MEGABYTES,
  ) {
    const resourceLimits = { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: YOUNG_MEGABYTES }
    this.#worker = new Worker(entry, { workerData: data, resourceLimits })
    let failure: MysimbdpError | null = null
    this.#worker.on('message', (reply: Reply) =>
      'event' in reply ? handlers.onEvent(reply.event as E) : this.#settle(reply),
    )
    this.#worker.on('error', (error) => {
      failure = fromThread(error, heapMegabytes)
    })
    this.#worker.on('exit', () => {
      this.#ended = true
      this.#rejectAll(failure)
      handlers.onEnd(failure)
    })
  }

  call<K extends keyof M & string>(
    method: K,
    argument: ArgumentOf<M[K]>,
    transfer: readonly Transferable[] = [],
  ): Promise<ResultOf<M[K]>> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      // What is sent to a thread that is gone is answered by nobody.
      if (this.#ended) return reject(new MysimbdpError('MSB_NOT_RUNNING', 'the thread has ended'))
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#worker.postMessage({ id, method, argument } satisfies Call, [...transfer])
    })
  }

  /** Ends the thread whatever it does. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #settle(reply: Exclude<Reply, { event: unknown }>): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('error' in reply) waiting?.reject(fromMessage(reply.error))
    else waiting?.resolve(reply.value)
  }

  #rejectAll(failure: Error | null): void {
    for (const { reject } of this.#waiting.values())
      reject(failure ?? new MysimbdpError('MSB_NOT_RUNNING', 'it was stopped before it could answer'))
    this.#waiting.clear()
  }
}

/** What the starter gave this thread. */
export const threadData = <T>(): T => workerData as T

/** The side inside the thread: serves methods, one call after the other was taken, and sends events. Answers how to send one. */
export function serveThread<E>(methods: Methods): (event: E) => void {
  const port = parentPort
  invariant(port !== null, 'this runs in a thread')
  port.on('message', (call: Call) => void answer(port, methods, call))
  return (event) => port.postMessage({ event } satisfies Reply)
}

/** Stops listening, so that the thread ends when its work does. */
export function leaveThread(): void {
  parentPort?.close()
}

async function answer(port: MessagePort, methods: Methods, { id, method, argument }: Call): Promise<void> {
  try {
    port.postMessage({ id, value: await methods[method]!(argument as never) } satisfies Reply)
  } catch (error) {
    port.postMessage({ id, error: toMessage(error) } satisfies Reply)
  }
}

function toMessage(error: unknown): ErrorMessage {
  if (error instanceof MysimbdpError)
    return { code: error.code, message: error.message, hint: error.hint, where: error.where }
  return {
    code: 'MSB_INTERNAL',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    hint: errorCodes.MSB_INTERNAL.hint,
    where: {},
  }
}

/** The error that ended a thread. Across threads an error keeps its fields, not its class. */
function fromThread(error: unknown, heapMegabytes: number): MysimbdpError {
  const { code, message, hint, where, stack } = error as Partial<ErrorMessage> & { readonly stack?: string }
  if (code !== undefined && code in errorCodes)
    return fromMessage({ code, message: message!, hint: hint ?? errorCodes[code].hint, where: where ?? {} })
  if ((code as string | undefined) === 'ERR_WORKER_OUT_OF_MEMORY')
    return new MysimbdpError('MSB_OUT_OF_MEMORY', `a thread needed more than ${heapMegabytes} MB of heap`)
  return new MysimbdpError('MSB_INTERNAL', stack ?? message ?? String(error), { cause: error })
}

const fromMessage = ({ code, message, hint, where }: ErrorMessage): MysimbdpError =>
  new MysimbdpError(code, message, { hint, where })
