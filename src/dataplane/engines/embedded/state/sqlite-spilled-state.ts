import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { Span } from '#language/windows/window-panes.ts'
import type { SpilledGroup, SpilledState, StoreName } from './spilled-state.ts'

/** By key inside a pane: groups that are spilled together in that order lie together, and a window of one pane needs no sorting. */
export const SPILLED_TABLE = `
  CREATE TABLE IF NOT EXISTS state_spilled (query TEXT, store TEXT, pane_start INTEGER, key TEXT, fields TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (query, store, pane_start, key)) WITHOUT ROWID;
`
const OF_PANE =
  'SELECT key, fields, body FROM state_spilled WHERE query = ? AND store = ? AND pane_start = ? ORDER BY key'
/** SQLite sorts in a temporary file where it is much. */
const OF_WINDOW = `
  SELECT key, fields, body FROM (
    SELECT key, fields, body, store, pane_start FROM state_spilled WHERE query = ?1 AND store = 'pane' AND pane_start >= ?2 AND pane_start < ?3
    UNION ALL
    SELECT key, fields, body, store, pane_start FROM state_spilled WHERE query = ?1 AND store = 'patch' AND pane_start = ?2
  ) ORDER BY key, store, pane_start`

/** The spilled panes of one query in the file of its job. */
export class SqliteSpilledState implements SpilledState {
  readonly #query: string
  readonly #statements: Statements

  constructor(database: Database, query: string) {
    this.#query = query
    this.#statements = prepareStatements(database)
  }

  nextStart(store: StoreName, afterMs: number): number | null {
    return this.#statements.nextStart.get(this.#query, store, afterMs)!.start
  }

  lastStart(store: StoreName): number | null {
    return this.#statements.lastStart.get(this.#query, store)!.start
  }

  find(store: StoreName, paneStart: number, key: string): Uint8Array | undefined {
    return this.#statements.find.get(this.#query, store, paneStart, key)?.body
  }

  ofWindow(window: Span): Iterable<SpilledGroup> {
    const only = this.#onlyPaneOf(window)
    return only === null
      ? this.#statements.ofWindow.iterate(this.#query, window.start, window.end)
      : this.#statements.ofPane.iterate(this.#query, 'pane', only)
  }

  /** Start of the one pane of a window; null where there are others or patches. */
  #onlyPaneOf({ start, end }: Span): number | null {
    const first = this.nextStart('pane', start - 1)
    if (first === null || this.nextStart('patch', start - 1) === start) return null
    const second = this.nextStart('pane', first)
    return second === null || second >= end ? first : null
  }

  put(store: StoreName, paneStart: number, { key, fields, body }: SpilledGroup): void {
    this.#statements.put.run(this.#query, store, paneStart, key, fields, body)
  }

  dropUpTo(store: StoreName, lastStart: number): void {
    this.#statements.drop.run(this.#query, store, lastStart)
  }
}

type Statements = ReturnType<typeof prepareStatements>

function prepareStatements(database: Database) {
  const prepare = <Row extends object>(sql: string): Statement<Row> => database.prepare<Row>(sql)
  return {
    nextStart: prepare<{ start: number | null }>(
      'SELECT min(pane_start) AS start FROM state_spilled WHERE query = ? AND store = ? AND pane_start > ?',
    ),
    lastStart: prepare<{ start: number | null }>(
      'SELECT max(pane_start) AS start FROM state_spilled WHERE query = ? AND store = ?',
    ),
    find: prepare<{ body: Uint8Array }>(
      'SELECT body FROM state_spilled WHERE query = ? AND store = ? AND pane_start = ? AND key = ?',
    ),
    ofPane: prepare<{ key: string; fields: string; body: Uint8Array }>(OF_PANE),
    ofWindow: prepare<{ key: string; fields: string; body: Uint8Array }>(OF_WINDOW),
    put: prepare('INSERT INTO state_spilled VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body'),
    drop: prepare('DELETE FROM state_spilled WHERE query = ? AND store = ? AND pane_start <= ?'),
  }
}
