import type { Database, Statement } from '#foundation/sqlite/database.ts'

/** Marks of dead letters that were appended again. A mark lies in the segment that was the last one then. */
export class ReplayTable {
  readonly #insert: Statement
  readonly #within: Statement<{
    readonly record_offset: number
    readonly appended_offset: number
    readonly replayed_ms: number
  }>

  constructor(database: Database) {
    this.#insert = database.prepare('INSERT INTO replay (record_offset, appended_offset, replayed_ms) VALUES (?, ?, ?)')
    this.#within = database.prepare('SELECT * FROM replay WHERE record_offset BETWEEN ? AND ?')
  }

  add(recordOffset: number, appendedOffset: number, replayedMs: number): void {
    this.#insert.run(recordOffset, appendedOffset, replayedMs)
  }

  /** Marks of dead letters from one offset to another, both included. */
  within(
    from: number,
    to: number,
  ): readonly { readonly letter: number; readonly offset: number; readonly ms: number }[] {
    return this.#within.all(from, to).map(({ record_offset, appended_offset, replayed_ms }) => ({
      letter: record_offset,
      offset: appended_offset,
      ms: replayed_ms,
    }))
  }
}
