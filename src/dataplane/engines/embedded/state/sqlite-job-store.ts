import { faultPoint } from '#foundation/faults/fault-points.ts'
import { randomName } from '#foundation/random/random-id.ts'
import { type Database, openDatabase, type Statement } from '#foundation/sqlite/database.ts'
import type { CommitPosition } from '../../../sinks/sink.ts'
import {
  COMMIT_FACT,
  type JobStore,
  type PageChanges,
  type QueryCommit,
  type StoredQuery,
  type StoredQueryState,
} from './job-store.ts'

/** Changes when what the tables hold changes meaning; state of another format is rebuilt, never read. */
export const STATE_FORMAT = 1

const TABLES = `
  CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS query (query TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, closed_up_to_ms REAL, late_records INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS position (query TEXT, partition INTEGER, offset INTEGER NOT NULL, generation TEXT NOT NULL, max_event_time REAL,
    PRIMARY KEY (query, partition)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS result (query TEXT, key TEXT, window_start INTEGER, window_end INTEGER, row TEXT NOT NULL, PRIMARY KEY (query, key)) WITHOUT ROWID;
  DROP INDEX IF EXISTS result_by_time;
  CREATE INDEX IF NOT EXISTS result_in_order ON result (query, window_start, length(key));
  CREATE TABLE IF NOT EXISTS late (query TEXT, partition INTEGER, offset INTEGER, event_time_ms INTEGER NOT NULL, windows TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (query, partition, offset)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state_group (query TEXT, id INTEGER, key TEXT NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (query, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state_page (query TEXT, store TEXT, page INTEGER, pane_start INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (query, store, page)) WITHOUT ROWID;
`
const TABLES_OF_A_QUERY = ['query', 'position', 'result', 'late', 'state_group', 'state_page'] as const

/** Minus infinity has no place in SQL: it is stored as NULL. */
const stored = (ms: number): number | null =>
  ms === Number.NEGATIVE_INFINITY ? null : ms === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : ms
const loaded = (ms: number | null): number => ms ?? Number.NEGATIVE_INFINITY

/** Results, late output, positions and state of a job in one SQLite file. NORMAL: it may lag behind the log, never lead it. */
export class SqliteJobStore implements JobStore {
  readonly #database: Database
  readonly #statements: Statements
  #position: CommitPosition = { generation: randomName(), sequence: 0 }

  /** @throws MSB_STATE_DAMAGED, MSB_STORAGE_FAILED */
  constructor(path: string, options: { readonly maxPageCount?: number } = {}) {
    this.#database = openDatabase(path, { synchronous: 'NORMAL', damagedCode: 'MSB_STATE_DAMAGED', ...options })
    try {
      this.#database.exec(TABLES)
      this.#statements = prepareStatements(this.#database)
      if (this.fact('format') === undefined) this.setFact('format', String(STATE_FORMAT))
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  queries(): readonly StoredQuery[] {
    const positions = this.#statements.positions.all()
    return this.#statements.queries.all().map(({ query, fingerprint, late_records }) => ({
      query,
      fingerprint,
      lateRecords: late_records,
      positions: positions
        .filter((position) => position.query === query)
        .map(({ partition, offset, generation, max_event_time }) => ({
          partition,
          offset,
          generation,
          maxEventTime: loaded(max_event_time),
        })),
    }))
  }

  loadState(query: string): StoredQueryState {
    const pages = this.#statements.pages
      .all(query)
      .map(({ store, page, pane_start, body }) => ({ store, page, paneStart: pane_start, body }))
    return {
      closedUpToMs: loaded(this.#statements.closedUpTo.get(query)?.closed_up_to_ms ?? null),
      groups: this.#statements.groups.all(query).map(({ id, key, fields }) => ({ id, key, fields })),
      panes: pages.filter(({ store }) => store === 'pane'),
      patches: pages.filter(({ store }) => store === 'patch'),
    }
  }

  resetQuery(query: string, fingerprint: string): void {
    this.#database.transaction(() => {
      this.#forget(query)
      this.#statements.addQuery.run(query, fingerprint)
    })
  }

  adoptQuery(query: string, fingerprint: string, { closedOnly }: { readonly closedOnly: boolean }): void {
    this.#database.transaction(() => {
      this.#statements.adoptQuery.run(fingerprint, query)
      if (closedOnly) this.#statements.removeOpenResults.run(query)
    })
  }

  removeQuery(query: string): void {
    this.#database.transaction(() => this.#forget(query))
  }

  #forget(query: string): void {
    for (const table of TABLES_OF_A_QUERY) this.#database.prepare(`DELETE FROM ${table} WHERE query = ?`).run(query)
  }

  beginGeneration(): CommitPosition {
    this.setFact(COMMIT_FACT, JSON.stringify(this.#position))
    return this.#position
  }

  commit(commits: readonly QueryCommit[]): CommitPosition {
    const position = { ...this.#position, sequence: this.#position.sequence + 1 }
    faultPoint('job.commit-begun')
    this.#database.transaction(() => {
      for (const commit of commits) this.#writeResults(commit)
      faultPoint('job.results-written')
      for (const commit of commits) this.#writeState(commit)
      this.setFact(COMMIT_FACT, JSON.stringify(position))
      faultPoint('job.state-written')
    })
    faultPoint('job.committed')
    this.#position = position
    return position
  }

  #writeResults({ query, rows, removedKeys, late }: QueryCommit): void {
    const { putResult, removeResult, putLate } = this.#statements
    for (const { key, windowStart, windowEnd, row } of rows) putResult.run(query, key, windowStart, windowEnd, row)
    for (const key of removedKeys) removeResult.run(query, key)
    for (const { partition, offset, eventTimeMs, windows, record } of late)
      putLate.run(query, partition, offset, eventTimeMs, JSON.stringify(windows), record)
  }

  #writeState({ query, closedUpToMs, late, positions, groups, panes, patches }: QueryCommit): void {
    const { updateQuery, putPosition, putGroup, removeGroup } = this.#statements
    updateQuery.run(stored(closedUpToMs), late.length, query)
    for (const { partition, offset, generation, maxEventTime } of positions)
      putPosition.run(query, partition, offset, generation, stored(maxEventTime))
    for (const id of groups.removed) removeGroup.run(query, id)
    for (const { id, key, fields } of groups.added) putGroup.run(query, id, key, fields)
    this.#writePages(query, 'pane', panes)
    this.#writePages(query, 'patch', patches)
  }

  #writePages(query: string, store: 'pane' | 'patch', { written, dropped }: PageChanges): void {
    for (const page of dropped) this.#statements.removePage.run(query, store, page)
    for (const { page, paneStart, body } of written) this.#statements.putPage.run(query, store, page, paneStart, body)
  }

  fact(name: string): string | undefined {
    return this.#statements.fact.get(name)?.value
  }

  setFact(name: string, value: string): void {
    this.#statements.setFact.run(name, value)
  }

  close(): void {
    this.#database.close()
  }
}

type Statements = ReturnType<typeof prepareStatements>

function prepareStatements(database: Database) {
  const prepare = <Row extends object>(sql: string): Statement<Row> => database.prepare<Row>(sql)
  return {
    queries: prepare<{ query: string; fingerprint: string; late_records: number }>(
      'SELECT query, fingerprint, late_records FROM query',
    ),
    positions: prepare<{
      query: string
      partition: number
      offset: number
      generation: string
      max_event_time: number | null
    }>('SELECT * FROM position'),
    closedUpTo: prepare<{ closed_up_to_ms: number | null }>('SELECT closed_up_to_ms FROM query WHERE query = ?'),
    groups: prepare<{ id: number; key: string; fields: string }>(
      'SELECT id, key, fields FROM state_group WHERE query = ?',
    ),
    pages: prepare<{ store: string; page: number; pane_start: number; body: Uint8Array }>(
      'SELECT store, page, pane_start, body FROM state_page WHERE query = ? ORDER BY page',
    ),
    fact: prepare<{ value: string }>('SELECT value FROM fact WHERE name = ?'),
    setFact: prepare('INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'),
    addQuery: prepare('INSERT INTO query (query, fingerprint) VALUES (?, ?)'),
    adoptQuery: prepare('UPDATE query SET fingerprint = ? WHERE query = ?'),
    removeOpenResults: prepare(
      'DELETE FROM result WHERE query = ?1 AND window_end > coalesce((SELECT closed_up_to_ms FROM query WHERE query = ?1), -1e300)',
    ),
    updateQuery: prepare('UPDATE query SET closed_up_to_ms = ?, late_records = late_records + ? WHERE query = ?'),
    putPosition: prepare(
      'INSERT INTO position VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset, generation = excluded.generation, max_event_time = excluded.max_event_time',
    ),
    putResult: prepare(
      'INSERT INTO result VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET window_start = excluded.window_start, window_end = excluded.window_end, row = excluded.row',
    ),
    removeResult: prepare('DELETE FROM result WHERE query = ? AND key = ?'),
    putLate: prepare('INSERT INTO late VALUES (?, ?, ?, ?, ?, ?)'),
    putGroup: prepare(
      'INSERT INTO state_group VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET key = excluded.key, fields = excluded.fields',
    ),
    removeGroup: prepare('DELETE FROM state_group WHERE query = ? AND id = ?'),
    putPage: prepare(
      'INSERT INTO state_page VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET pane_start = excluded.pane_start, body = excluded.body',
    ),
    removePage: prepare('DELETE FROM state_page WHERE query = ? AND store = ? AND page = ?'),
  }
}
