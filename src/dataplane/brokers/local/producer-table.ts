import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { ProducerState } from '../producer-sequence.ts'

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
