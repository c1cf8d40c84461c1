import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { Generation } from '../broker.ts'

interface GenerationRow {
  readonly id: string
  readonly first_offset: number
}

/** Generations as a segment holds them: the last segment has all. */
export class GenerationTable {
  readonly #add: Statement
  readonly #all: Statement<GenerationRow>

  constructor(database: Database) {
    this.#add = database.prepare('INSERT INTO generation (id, first_offset) VALUES (?, ?)')
    this.#all = database.prepare<GenerationRow>('SELECT id, first_offset FROM generation ORDER BY number')
  }

  add(generation: Generation): void {
    this.#add.run(generation.id, generation.firstOffset)
  }

  /** Oldest first. */
  all(): Generation[] {
    return this.#all.all().map((row) => ({ id: row.id, firstOffset: row.first_offset }))
  }
}
