import { type Database, openDatabase, type SqlValue } from '#foundation/sqlite/database.ts'
import type { KeyedChanges, ResultEntry, StateEntry } from '../../../brokers/changelog.ts'
import type { Group } from '../operators/group-keys.ts'
import { type CopyStatements, prepareCopyStatements } from './copy-statements.ts'
import type { LateRecord } from './job-store.ts'
import {
  groupEntry,
  jsonValue,
  lateEntry,
  type PositionValue,
  pageEntry,
  parsedPage,
  parsedStateKey,
  parsedValue,
  positionEntry,
  type QueryFacts,
  type StateKey,
  stateKey,
} from './state-entries.ts'

/** All that is kept of a query, by key. Of its rows only which there are: what forgets rows changes none. */
export interface KeptEntries {
  readonly state: ReadonlyMap<string, Uint8Array>
  readonly resultKeys: ReadonlySet<string>
}

/** The file of a job as a copy of what a changelog holds: filled from there, and compared with what it was. The tables are `SqliteJobStore`'s. */
export class JobCopy {
  readonly #database: Database
  readonly #statements: CopyStatements

  /** @throws MSB_STATE_DAMAGED, MSB_STORAGE_FAILED */
  constructor(path: string) {
    this.#database = openDatabase(path, { synchronous: 'NORMAL', damagedCode: 'MSB_STATE_DAMAGED' })
    this.#statements = prepareCopyStatements(this.#database)
  }

  /** Forgets everything. */
  clear(): void {
    this.#database.transaction(() => {
      for (const table of ['query', 'position', 'state_group', 'state_page', 'state_spilled', 'result', 'late'])
        this.#database.exec(`DELETE FROM ${table}`)
    })
  }

  /** Takes over changes, in their order; the same ones again change nothing. */
  apply({ results, state }: KeyedChanges): void {
    this.#database.transaction(() => {
      for (const entry of results) this.#applyResult(entry)
      for (const entry of state) this.#applyState(entry)
    })
  }

  #applyResult({ query, key, row }: ResultEntry): void {
    const { putResult, removeResult } = this.#statements
    if (row === null) removeResult.run(query, key)
    else putResult.run(query, key, ...windowOf(row), row)
  }

  #applyState({ key: text, value }: StateEntry): void {
    const [table, ...primaryKey] = parsedStateKey(text)
    const statement = value === null ? this.#statements.remove[table] : this.#statements.put[table]
    const columns = value === null ? [] : columnsOf[table](value)
    statement.run(...primaryKey, ...columns)
  }

  entriesOf(query: string): KeptEntries {
    const resultKeys = new Set(this.#statements.resultKeys.all(query).map(({ key }) => key))
    return { state: new Map([...this.#stateOf(query)].map(({ key, value }) => [key, value!])), resultKeys }
  }

  *#stateOf(query: string): Iterable<StateEntry> {
    const statements = this.#statements
    for (const { fingerprint, closed_up_to_ms, late_records, bound_ms } of statements.query.all(query)) {
      const facts: QueryFacts = {
        fingerprint,
        closedUpToMs: closed_up_to_ms,
        lateRecords: late_records,
        boundMs: bound_ms,
      }
      yield { key: stateKey('query', query), value: jsonValue(facts) }
    }
    for (const { partition, offset, generation, max_event_time, revision } of statements.positions.all(query)) {
      const maxEventTime = max_event_time ?? Number.NEGATIVE_INFINITY
      yield positionEntry(query, { partition, offset, generation, maxEventTime, revision })
    }
    for (const group of statements.groups.all(query)) yield groupEntry(query, group)
    for (const { store, page, pane_start, body } of statements.pages.all(query))
      yield pageEntry(query, store, { page, paneStart: pane_start, body })
    for (const { carried, event_time_ms, windows, ...place } of statements.late.all(query))
      yield lateEntry(
        query,
        { ...place, eventTimeMs: event_time_ms, windows: JSON.parse(windows) as number[] },
        carried,
      )
    for (const { key } of statements.carriedRows.all(query))
      yield { key: stateKey('carried', query, key), value: jsonValue(true) }
  }

  close(): void {
    this.#database.close()
  }
}

/** What makes `before` into `after`. */
export function differences(query: string, before: KeptEntries, after: KeptEntries): KeyedChanges {
  const state: StateEntry[] = []
  for (const key of before.state.keys()) if (!after.state.has(key)) state.push({ key, value: null })
  for (const [key, value] of after.state) state.push({ key, value })
  const results = [...before.resultKeys]
    .filter((key) => !after.resultKeys.has(key))
    .map((key) => ({ query, key, row: null }))
  return { state, results }
}

/** What a value holds beside its primary key, in the order of the `put` statement of its table. */
const columnsOf: Record<StateKey[0], (value: Uint8Array) => readonly SqlValue[]> = {
  query: (value) => {
    const { fingerprint, closedUpToMs, lateRecords, boundMs } = parsedValue<QueryFacts>(value)
    return [fingerprint, closedUpToMs, lateRecords, boundMs]
  },
  position: (value) => {
    const { offset, generation, maxEventTime, revision } = parsedValue<PositionValue>(value)
    return [offset, generation, maxEventTime, revision]
  },
  group: (value) => {
    const { key, fields } = parsedValue<Omit<Group, 'id'>>(value)
    return [key, fields]
  },
  page: (value) => {
    const { paneStart, body } = parsedPage(value)
    return [paneStart, body]
  },
  late: (value) => {
    const { eventTimeMs, windows, record } = parsedValue<Omit<LateRecord, 'partition' | 'offset'>>(value)
    return [eventTimeMs, JSON.stringify(windows), record]
  },
  carried: () => [],
}

/** Start and end of the window that a row says it is of (semantics 6.1), epoch ms; nulls for a row without one. */
export function windowOf(row: string): readonly [number | null, number | null] {
  const { window } = JSON.parse(row) as { readonly window?: { readonly start: string; readonly end: string } }
  return window === undefined ? [null, null] : [Date.parse(window.start), Date.parse(window.end)]
}
