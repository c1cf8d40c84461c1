import type { Database, Statement } from '#foundation/sqlite/database.ts'

/** Idle marks of one segment: from an offset on, the partition counts as having seen an event time. One row for an offset, however often it is raised. */
export class MarkTable {
  readonly #raise: Statement
  readonly #greatest: Statement<{ readonly max: number | null }>

  constructor(database: Database) {
    this.#raise = database.prepare(
      `INSERT INTO mark (record_offset, event_time_ms) VALUES (?, ?)
       ON CONFLICT (record_offset) DO UPDATE SET event_time_ms = max(event_time_ms, excluded.event_time_ms)`,
    )
    this.#greatest = database.prepare('SELECT max(event_time_ms) AS max FROM mark WHERE record_offset <= ?')
  }

  raise(offset: number, eventTimeMs: number): void {
    this.#raise.run(offset, eventTimeMs)
  }

  /** Of the marks before the record at an offset; -Infinity for none. */
  greatestUpTo(offset: number): number {
    return this.#greatest.get(offset)?.max ?? Number.NEGATIVE_INFINITY
  }
}
