import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { delay } from '#foundation/time/timers.ts'
import type { ExecutePlanResponse } from './generated/service_pb.ts'
import { faultOf, isLost, type SparkFault } from './spark-error.ts'

/** One operation on the server, as it is begun and come back to. Both throw a MysimbdpError where nobody waits for the server any more. */
export interface Operation {
  begin(): AsyncIterable<ExecutePlanResponse>
  /** The answers after the one with this id; all of them where it is undefined. */
  reattach(lastResponseId: string | undefined): AsyncIterable<ExecutePlanResponse>
  /** What is thrown in the place of an answer of the server. */
  errorOf(cause: unknown): Promise<Error>
  readonly signal?: AbortSignal
}

const FAILURES_MAX = 5
const PAUSE_MS = 200

/** The server has not heard of the operation: what began it was lost on the way. */
const isUnknown = ({ errorClass }: SparkFault): boolean =>
  errorClass === 'INVALID_HANDLE.OPERATION_NOT_FOUND' || errorClass === 'INVALID_HANDLE.SESSION_NOT_FOUND'

/**
 * The answers of an operation, one after the other, to the one that says that it is complete. A connection that breaks is made again and goes on after
 * the last answer; so does a stream that the server ends in the middle, as it does after two minutes.
 */
export async function* reattaching(operation: Operation): AsyncGenerator<ExecutePlanResponse> {
  const { signal } = operation
  let lastResponseId: string | undefined
  let failures = 0
  let answers = operation.begin()
  for (;;) {
    try {
      for await (const answer of answers) {
        failures = 0
        lastResponseId = answer.responseId
        yield answer
        if (answer.responseType.case === 'resultComplete') return
      }
      answers = operation.reattach(lastResponseId)
    } catch (cause) {
      signal?.throwIfAborted()
      if (cause instanceof MysimbdpError) throw cause
      const fault = faultOf(cause)
      const neverBegan = lastResponseId === undefined && isUnknown(fault)
      if (!(neverBegan || isLost(fault)) || ++failures > FAILURES_MAX) throw await operation.errorOf(cause)
      await delay(PAUSE_MS * failures, signal)
      answers = neverBegan ? operation.begin() : operation.reattach(lastResponseId)
    }
  }
}
