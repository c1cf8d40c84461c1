import type { CommittedChanges } from '../../engine.ts'
import type { QueryCommit, ResultRow } from '../state/job-store.ts'

/** Characters of keys and rows of one query that a commit hands around at most. Followers are kept fewer, and take a snapshot when some are missing. */
const CHARACTERS_MAX = 8 * 2 ** 20

/** The rows of a commit, kept for those who follow the job while the store reads them. */
export class CommittedRows {
  readonly #commit: QueryCommit
  #rows: ResultRow[] | null
  #count = 0
  #characters = 0

  /** `wanted`: somebody follows; else they are only counted. */
  constructor(commit: QueryCommit, { wanted }: { readonly wanted: boolean }) {
    this.#commit = commit
    this.#rows = wanted ? [] : null
  }

  /** The commit for the store, which reads its rows once. */
  get commit(): QueryCommit {
    return { ...this.#commit, rows: this.#heard() }
  }

  *#heard(): Iterable<ResultRow> {
    for (const row of this.#commit.rows) {
      this.#count++
      this.#characters += row.key.length + row.row.length
      if (this.#characters > CHARACTERS_MAX) this.#rows = null
      this.#rows?.push(row)
      yield row
    }
  }

  /** What the commit changed; null for nothing. Once the store has read it. */
  get changes(): CommittedChanges | null {
    const { query, removedKeys } = this.#commit
    if (this.#count + removedKeys.length === 0) return null
    return { query, rows: this.#rows, rowsWritten: this.#count, removedKeys }
  }
}
