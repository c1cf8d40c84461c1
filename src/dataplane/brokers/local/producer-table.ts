import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { AppendRequest } from '../broker.ts'

export interface ProducerState {
  readonly id: string
  readonly epoch: number
  /** Sequence number of the first record that was not received yet. */
  readonly nextSequence: number
  readonly lastArrivalMs: number | null
}

interface ProducerRow {
  readonly id: string
  readonly epoch: number
  readonly next_sequence: number
  readonly last_arrival_ms: number | null
}

/** Producers as a segment holds them: the last segment has the present state of all. */
export class ProducerTable {
  readonly #put: Statement
  readonly #all: Statement<ProducerRow>

  constructor(database: Database) {
    this.#put = database.prepare(
      `INSERT INTO producer (id, epoch, next_sequence, last_arrival_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, next_sequence = excluded.next_sequence, last_arrival_ms = excluded.last_arrival_ms`,
    )
    this.#all = database.prepare<ProducerRow>('SELECT id, epoch, next_sequence, last_arrival_ms FROM producer')
  }

  put(state: ProducerState): void {
    this.#put.run(state.id, state.epoch, state.nextSequence, state.lastArrivalMs)
  }

  all(): ProducerState[] {
    return this.#all.all().map((row) => ({
      id: row.id,
      epoch: row.epoch,
      nextSequence: row.next_sequence,
      lastArrivalMs: row.last_arrival_ms,
    }))
  }
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
