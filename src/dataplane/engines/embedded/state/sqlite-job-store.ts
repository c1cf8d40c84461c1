import { faultPoint } from '#foundation/faults/fault-points.ts'
import { randomName } from '#foundation/random/random-id.ts'
import { type Database, openDatabase } from '#foundation/sqlite/database.ts'
import { requestCheckpoint } from '#foundation/threads/checkpoint-thread.ts'
import type { CommitPosition } from '../../../sinks/sink.ts'
import { prepareStatements, type Statements } from './job-statements.ts'
import {
  COMMIT_FACT,
  type JobStore,
  type LostBeginning,
  NOTHING_LOST,
  type PageChanges,
  type QueryCommit,
  type StoredQuery,
  type StoredQueryState,
} from './job-store.ts'
import type { SpilledState } from './spilled-state.ts'
import { SPILLED_TABLE, SqliteSpilledState } from './sqlite-spilled-state.ts'
import type { PageStore } from './state-entries.ts'

/** Changes when what the tables hold changes meaning; state of another format is rebuilt, never read. */
export const STATE_FORMAT = 2
/** Between two checkpoints by the checkpoint thread, where there is one: about a megabyte of a small state. */
const COMMITS_PER_CHECKPOINT = 32

const TABLES = `
  CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS query (query TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, closed_up_to_ms REAL, late_records INTEGER NOT NULL DEFAULT 0, bound_ms REAL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS position (query TEXT, partition INTEGER, offset INTEGER NOT NULL, generation TEXT NOT NULL, max_event_time REAL, revision INTEGER NOT NULL,
    PRIMARY KEY (query, partition)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS result (query TEXT, key TEXT, window_start INTEGER, window_end INTEGER, row TEXT NOT NULL, carried INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (query, key)) WITHOUT ROWID;
  DROP INDEX IF EXISTS result_by_time;
  CREATE INDEX IF NOT EXISTS result_in_order ON result (query, window_start, length(key));
  CREATE INDEX IF NOT EXISTS result_carried ON result (query, window_end) WHERE carried = 1;
  CREATE TABLE IF NOT EXISTS late (query TEXT, partition INTEGER, offset INTEGER, event_time_ms INTEGER NOT NULL, windows TEXT NOT NULL, record TEXT NOT NULL, carried INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (query, partition, offset, carried)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state_group (query TEXT, id INTEGER, key TEXT NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (query, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state_page (query TEXT, store TEXT, page INTEGER, pane_start INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (query, store, page)) WITHOUT ROWID;
  ${SPILLED_TABLE}
`
const TABLES_OF_STATE = ['query', 'position', 'state_group', 'state_page', 'state_spilled'] as const
const TABLES_OF_RESULTS = ['result', 'late'] as const

/** What format 1 lacks. Its queries are refused until they are rebuilt, and their rows are to be seen until then. */
const FROM_FORMAT_1 = `
  ALTER TABLE query ADD COLUMN bound_ms REAL;
  ALTER TABLE result ADD COLUMN carried INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE late RENAME TO late_1;
  ${TABLES}
  INSERT INTO late SELECT *, 0 FROM late_1;
  DROP TABLE late_1;
`

/** Minus infinity has no place in SQL: it is stored as NULL. */
const stored = (ms: number): number | null =>
  ms === Number.NEGATIVE_INFINITY ? null : ms === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : ms
const loaded = (ms: number | null): number => ms ?? Number.NEGATIVE_INFINITY

export interface StoreOptions {
  readonly maxPageCount?: number
  /** For a job that nobody goes on with: results and counts alone are written, and nothing is synced. */
  readonly resultsOnly?: boolean
}

/** Results, late output, positions and state of a job in one SQLite file. NORMAL: it may lag behind the log, never lead it. */
export class SqliteJobStore implements JobStore {
  readonly #database: Database
  readonly #statements: Statements
  readonly #resultsOnly: boolean
  #position: CommitPosition = { generation: randomName(), sequence: 0 }

  /** @throws MSB_STATE_DAMAGED, MSB_STORAGE_FAILED */
  constructor(path: string, options: StoreOptions = {}) {
    const { resultsOnly = false, ...access } = options
    this.#resultsOnly = resultsOnly
    const synchronous = resultsOnly ? 'OFF' : 'NORMAL'
    this.#database = openDatabase(path, { synchronous, damagedCode: 'MSB_STATE_DAMAGED', ...access })
    try {
      this.#database.transaction(() => this.#database.exec(formatOf(this.#database) === '1' ? FROM_FORMAT_1 : TABLES))
      this.#statements = prepareStatements(this.#database)
      if (this.fact('format') !== String(STATE_FORMAT)) this.setFact('format', String(STATE_FORMAT))
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  get keepsLate(): boolean {
    return !this.#resultsOnly
  }

  queries(): readonly StoredQuery[] {
    const positions = this.#statements.positions.all()
    return this.#statements.queries.all().map(({ query, fingerprint, late_records, bound_ms }) => ({
      query,
      fingerprint,
      lateRecords: late_records,
      boundMs: loaded(bound_ms),
      positions: positions
        .filter((position) => position.query === query)
        .map(({ query: _, max_event_time, ...position }) => ({ ...position, maxEventTime: loaded(max_event_time) })),
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
      keys: pages.filter(({ store }) => store === 'key'),
    }
  }

  spilledState(query: string): SpilledState {
    return new SqliteSpilledState(this.#database, query)
  }

  resetQuery(query: string, fingerprint: string, lost = NOTHING_LOST): number {
    return this.#database.transaction(() => {
      let lateRecords = 0
      if (lost.boundMs === Number.NEGATIVE_INFINITY) this.#forgetAll(query)
      else {
        lateRecords = this.#carryOver(query, lost)
        this.#forgetNotCarried(query)
      }
      this.#statements.addQuery.run(query, fingerprint, lateRecords, stored(lost.boundMs))
      return lateRecords
    })
  }

  /** Marks what stays: rows of windows and of records that cannot be computed again. Answers how many late records. */
  #carryOver(query: string, { boundMs, starts }: LostBeginning): number {
    const { carryRows, carryRecords, removeLateStillInLog, removeLateBehindBound, carryLate, carriedLate } =
      this.#statements
    carryRows.run(query, boundMs)
    for (const [partition, start] of starts.entries()) carryRecords.run(query, partition, start)
    for (const [partition, start] of starts.entries()) removeLateStillInLog.run(query, partition, start)
    removeLateBehindBound.run(query, boundMs)
    carryLate.run(boundMs, query)
    return carriedLate.get(query)!.records
  }

  /** The row under a key; null for none. */
  rowOf(query: string, key: string): string | null {
    return this.#statements.row.get(query, key)?.row ?? null
  }

  carriedKeys(query: string, upToMs: number): readonly string[] {
    return this.#statements.carriedKeys.all(query, upToMs).map(({ key }) => key)
  }

  adoptQuery(query: string, fingerprint: string, { closedOnly }: { readonly closedOnly: boolean }): void {
    this.#database.transaction(() => {
      this.#statements.adoptQuery.run(fingerprint, query)
      if (closedOnly) this.#statements.removeOpenResults.run(query)
    })
  }

  removeQuery(query: string): void {
    this.#database.transaction(() => this.#forgetAll(query))
  }

  #forgetAll(query: string): void {
    this.#delete([...TABLES_OF_STATE, ...TABLES_OF_RESULTS], 'query = ?', query)
  }

  #forgetNotCarried(query: string): void {
    this.#delete(TABLES_OF_STATE, 'query = ?', query)
    this.#delete(TABLES_OF_RESULTS, 'query = ? AND carried = 0', query)
  }

  #delete(tables: readonly string[], condition: string, query: string): void {
    for (const table of tables) this.#database.prepare(`DELETE FROM ${table} WHERE ${condition}`).run(query)
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
    if (position.sequence % COMMITS_PER_CHECKPOINT === 0) requestCheckpoint(this.#database.path)
    return position
  }

  checkpoint(): boolean {
    return this.#database.checkpoint()
  }

  #writeResults({ query, rows, removedKeys, late }: QueryCommit): void {
    const { putResult, removeResult, putLate } = this.#statements
    for (const { key, windowStart, windowEnd, row } of rows) putResult.run(query, key, windowStart, windowEnd, row)
    for (const key of removedKeys) removeResult.run(query, key)
    if (!this.keepsLate) return
    for (const { partition, offset, eventTimeMs, windows, record } of late)
      putLate.run(query, partition, offset, eventTimeMs, JSON.stringify(windows), record)
  }

  #writeState({ query, closedUpToMs, late, positions, takeState }: QueryCommit): void {
    const { updateQuery, putPosition, putGroup, removeGroup } = this.#statements
    updateQuery.run(stored(closedUpToMs), late.length, query)
    const { groups, panes, patches, keys } = takeState({ stored: !this.#resultsOnly })
    if (this.#resultsOnly) return
    for (const { partition, offset, generation, maxEventTime, revision } of positions)
      putPosition.run(query, partition, offset, generation, stored(maxEventTime), revision)
    for (const id of groups.removed) removeGroup.run(query, id)
    for (const { id, key, fields } of groups.added) putGroup.run(query, id, key, fields)
    this.#writePages(query, 'pane', panes)
    this.#writePages(query, 'patch', patches)
    this.#writePages(query, 'key', keys)
  }

  #writePages(query: string, store: PageStore, { written, dropped }: PageChanges): void {
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

/** Undefined for a file that was just created. */
function formatOf(database: Database): string | undefined {
  if (database.prepare("SELECT name FROM sqlite_schema WHERE name = 'fact'").get() === undefined) return undefined
  return database.prepare<{ value: string }>("SELECT value FROM fact WHERE name = 'format'").get()?.value
}
