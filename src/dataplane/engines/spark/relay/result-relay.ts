import type { LogPlace, RelayedCommit, RelayedResults } from '../../relayed-results.ts'
import type { RelayFigures } from '../../remote-query.ts'

/** The topic to which Spark writes the rows of a query, read by offset; of one partition. */
export interface ComputedLog {
  readonly topicId: string
  fetch(request: {
    readonly partition: number
    readonly fromOffset: number
    readonly maxBytes: number
    readonly maxWaitMs: number
  }): Promise<ComputedPiece>
  close(): Promise<void>
}

export interface ComputedPiece {
  readonly records: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[]
  readonly nextOffset: number
  /** -1 where nothing has happened since the last time. */
  readonly lastStableOffset: number
}

/** Taken over at once of each query. */
const PIECE_BYTES = 2 * 2 ** 20
const PARTITION = 0

/** What a piece of the log changes in the results. */
export type RelayedRows = Omit<RelayedCommit, 'query' | 'closedUpToMs'>

/**
 * Makes of rows that come at least once rows that come once. Spark writes the rows of a batch again whose end it did not write down, with the same keys and
 * values; what is the last value of its key already is left out. The rest is committed with the place up to which it was read, so that nothing is
 * read again that was committed.
 */
export class ResultRelay {
  readonly #query: string
  readonly #log: ComputedLog
  readonly #results: Pick<RelayedResults, 'rowOf'>
  #offset: number
  #end: number
  #readRows = 0
  #repeatedRows = 0

  /** @param committed up to where the log was read; null for nothing */
  constructor(query: string, log: ComputedLog, results: Pick<RelayedResults, 'rowOf'>, committed: LogPlace | null) {
    this.#query = query
    this.#log = log
    this.#results = results
    this.#offset = committed?.logId === log.topicId ? committed.offset : 0
    this.#end = this.#offset
  }

  get figures(): RelayFigures {
    return { readRows: this.#readRows, repeatedRows: this.#repeatedRows, unreadRows: this.#end - this.#offset }
  }

  /** What the log held at the last look was taken over. */
  get isAtEnd(): boolean {
    return this.#offset >= this.#end
  }

  get readTo(): LogPlace {
    return { logId: this.#log.topicId, offset: this.#offset }
  }

  /** The next piece of the log; to be committed before the next call, or never. Null when nothing is new. */
  async take(): Promise<RelayedRows | null> {
    const fromOffset = this.#offset
    const piece = await this.#log.fetch({ partition: PARTITION, fromOffset, maxBytes: PIECE_BYTES, maxWaitMs: 0 })
    this.#offset = piece.nextOffset
    this.#end = Math.max(piece.lastStableOffset, this.#offset)
    if (this.#offset === fromOffset) return null
    const changed = this.#changedBy(piece.records)
    const rows = [...changed].flatMap(([key, row]) => (row === null ? [] : [{ key, row }]))
    const removedKeys = [...changed].flatMap(([key, row]) => (row === null ? [key] : []))
    return { readTo: this.readTo, rows, removedKeys }
  }

  /** Keys with their last row, where it is another one than is committed. */
  #changedBy(records: ComputedPiece['records']): ReadonlyMap<string, string | null> {
    const changed = new Map<string, string | null>()
    for (const { key: bytes, value } of records) {
      const key = String(bytes)
      const row = value === null ? null : value.toString()
      const committed = this.#results.rowOf(this.#query, key)
      const before = changed.has(key) ? changed.get(key)! : committed
      this.#readRows++
      if (row === before) this.#repeatedRows++
      // Back to what is committed: nothing is left to change.
      if (row === committed) changed.delete(key)
      else changed.set(key, row)
    }
    return changed
  }

  close(): Promise<void> {
    return this.#log.close()
  }
}
