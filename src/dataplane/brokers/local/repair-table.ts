import { crc32 } from 'node:zlib'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import { logDamaged } from './log-damage.ts'

/** A dead letter of the segment that was placed at its offset. */
export interface StoredRepair {
  readonly record_offset: number
  readonly repaired_ms: number
  readonly event_time_ms: number
  /** A batch of one row, as `encode-batch.ts` writes it, without dictionaries. */
  readonly body: Uint8Array
}

interface RepairRow extends StoredRepair {
  readonly crc: number
}

/** Placed records of one segment, and what those of earlier segments do to its running maximum. */
export class RepairTable {
  readonly #file: string
  readonly #insert: Statement
  readonly #within: Statement<RepairRow>
  readonly #marks: Statement<{ readonly record_offset: number; readonly repaired_ms: number }>
  readonly #maxBefore: Statement<{ readonly max: number | null }>
  readonly #setRaise: Statement
  readonly #summary: Statement<{ readonly raised: number | null; readonly first: number | null }>

  constructor(database: Database) {
    this.#file = database.path
    this.#insert = database.prepare(
      'INSERT INTO repair (record_offset, repaired_ms, event_time_ms, crc, body) VALUES (?, ?, ?, ?, ?)',
    )
    this.#within = database.prepare('SELECT * FROM repair WHERE record_offset BETWEEN ? AND ? ORDER BY record_offset')
    this.#marks = database.prepare('SELECT record_offset, repaired_ms FROM repair WHERE record_offset BETWEEN ? AND ?')
    this.#maxBefore = database.prepare('SELECT max(event_time_ms) AS max FROM repair WHERE record_offset < ?')
    this.#setRaise = database.prepare(
      `INSERT INTO raise (id, max_event_time_before) VALUES (1, ?)
       ON CONFLICT (id) DO UPDATE SET max_event_time_before = excluded.max_event_time_before`,
    )
    this.#summary = database.prepare(
      'SELECT (SELECT max_event_time_before FROM raise) AS raised, (SELECT min(record_offset) FROM repair) AS first',
    )
  }

  insert(repair: StoredRepair): void {
    this.#insert.run(repair.record_offset, repair.repaired_ms, repair.event_time_ms, checksum(repair), repair.body)
  }

  /** From one offset to another, both included. @throws MSB_LOG_DAMAGED */
  within(from: number, to: number): readonly StoredRepair[] {
    return this.#within.all(from, to).map((row) => {
      if (row.crc !== checksum(row))
        throw logDamaged(
          this.#file,
          row.record_offset,
          `the repaired record at offset ${row.record_offset} does not match its checksum`,
        )
      return row
    })
  }

  /** Which offsets have a repair, and when it was placed. */
  marksWithin(from: number, to: number): readonly { readonly letter: number; readonly ms: number }[] {
    return this.#marks
      .all(from, to)
      .map(({ record_offset, repaired_ms }) => ({ letter: record_offset, ms: repaired_ms }))
  }

  /** Whether this or an earlier segment's repairs change what is read here: one look, so that a log without repairs stays fast. */
  get isUntouched(): boolean {
    const { raised, first } = this.#summary.get()!
    return raised === null && first === null
  }

  /** Greatest event time of records placed in earlier segments since this one was created; -Infinity for none. */
  get raise(): number {
    return this.#summary.get()!.raised ?? Number.NEGATIVE_INFINITY
  }

  setRaise(maxEventTimeBefore: number): void {
    this.#setRaise.run(maxEventTimeBefore)
  }

  /** Greatest event time of records placed before an offset, those of earlier segments too; -Infinity for none. */
  maxEventTimeBefore(offset: number): number {
    return Math.max(this.raise, this.#maxBefore.get(offset)?.max ?? Number.NEGATIVE_INFINITY)
  }
}

function checksum({ record_offset, repaired_ms, event_time_ms, body }: StoredRepair): number {
  return crc32(body, crc32(JSON.stringify([record_offset, repaired_ms, event_time_ms])))
}
