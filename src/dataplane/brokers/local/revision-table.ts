import type { Database, Statement } from '#foundation/sqlite/database.ts'

/** How often records were placed in the log. */
export interface Revision {
  /** Goes up when a placing begins and when it ends: state that was made before an end has not seen all repairs. */
  readonly number: number
  /** Least offset of a placing that has begun and not ended; null for none. */
  readonly placingFrom: number | null
}

export const NO_REVISION: Revision = { number: 0, placingFrom: null }

/** The revision as a segment holds it: the last segment has the present one. */
export class RevisionTable {
  readonly #get: Statement<{ readonly number: number; readonly placing_from: number | null }>
  readonly #put: Statement

  constructor(database: Database) {
    this.#get = database.prepare('SELECT number, placing_from FROM revision')
    this.#put = database.prepare(
      `INSERT INTO revision (id, number, placing_from) VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET number = excluded.number, placing_from = excluded.placing_from`,
    )
  }

  get(): Revision {
    const row = this.#get.get()
    return row === undefined ? NO_REVISION : { number: row.number, placingFrom: row.placing_from }
  }

  put({ number, placingFrom }: Revision): void {
    this.#put.run(number, placingFrom)
  }

  begin(fromOffset: number): void {
    const { number, placingFrom } = this.get()
    this.put({ number: number + 1, placingFrom: Math.min(placingFrom ?? fromOffset, fromOffset) })
  }

  end(): void {
    this.put({ number: this.get().number + 1, placingFrom: null })
  }
}
