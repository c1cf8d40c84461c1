import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { AppendOutcome, AppendRequest, AppendResult } from './broker.ts'

/** How far a log has received a producer, in one partition. */
export interface ProducerState {
  readonly id: string
  readonly epoch: number
  /** Sequence number of the first record that was not received yet. */
  readonly nextSequence: number
  readonly lastArrivalMs: number | null
}

const FORGOTTEN_HINT =
  'Open the producer first. Where it was open before, its last record is older than the retention of the stream: it begins again at sequence 0, and what it sent before counts again if it sends it again.'

/**
 * How many of the records a producer sent were received before; they are the first ones.
 * @throws MSB_LOG_PRODUCER_FENCED, MSB_LOG_SEQUENCE_GAP
 */
export function repeatedRecords(
  state: ProducerState | undefined,
  producer: NonNullable<AppendRequest['producer']>,
  received: number,
): number {
  const { producerId, epoch, baseSequence } = producer
  if (state === undefined || epoch !== state.epoch) {
    const message = `producer '${producerId}' of epoch ${epoch} may not append:`
    throw state === undefined
      ? new MysimbdpError('MSB_LOG_PRODUCER_FENCED', `${message} this log does not know it, or not any more`, {
          hint: FORGOTTEN_HINT,
        })
      : new MysimbdpError('MSB_LOG_PRODUCER_FENCED', `${message} the log knows epoch ${state.epoch}`)
  }
  if (baseSequence > state.nextSequence) {
    const missing = `${state.nextSequence} to ${baseSequence - 1}`
    throw new MysimbdpError(
      'MSB_LOG_SEQUENCE_GAP',
      `producer '${producerId}' sent sequence ${baseSequence}, but ${missing} were never received: send again from ${state.nextSequence}`,
    )
  }
  return Math.min(state.nextSequence - baseSequence, received)
}

/** A refusal concerns one request alone; anything else is no answer to a request. */
export function outcomeOf(place: () => AppendResult): AppendOutcome {
  try {
    return { result: place() }
  } catch (error) {
    if (error instanceof MysimbdpError && error.domain === 'user') return { error }
    throw error
  }
}

/** The producer of a request as it is once that is appended; null when it names none. */
export function stateAfter({ producer, arrivalMs, decoded }: AppendRequest): ProducerState | null {
  if (producer === undefined) return null
  const { producerId, epoch, baseSequence } = producer
  return { id: producerId, epoch, nextSequence: baseSequence + decoded.received, lastArrivalMs: arrivalMs }
}
