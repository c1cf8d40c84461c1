import type { Database } from '#foundation/sqlite/database.ts'
import { prepareStatements } from './job-statements.ts'
import type { PageStore, StateKey } from './state-entries.ts'

export type CopyStatements = ReturnType<typeof prepareCopyStatements>

/** What a copy of a job's state asks of its file beyond what the job itself does. Each `put` may come again. */
export function prepareCopyStatements(database: Database) {
  const { putPosition, putGroup, putPage, putResult, removeResult } = prepareStatements(database)
  const remove = (sql: string) => database.prepare(`DELETE FROM ${sql}`)
  return {
    putResult,
    removeResult,
    /** Primary key, then the other columns. */
    put: {
      query: database.prepare(
        'INSERT OR REPLACE INTO query (query, fingerprint, closed_up_to_ms, late_records, bound_ms) VALUES (?, ?, ?, ?, ?)',
      ),
      position: putPosition,
      group: putGroup,
      page: putPage,
      late: database.prepare(
        'INSERT OR REPLACE INTO late (query, partition, offset, carried, event_time_ms, windows, record) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      carried: database.prepare('UPDATE result SET carried = 1 WHERE query = ? AND key = ?'),
    } satisfies Record<StateKey[0], unknown>,
    /** Primary key. */
    remove: {
      query: remove('query WHERE query = ?'),
      position: remove('position WHERE query = ? AND partition = ?'),
      group: remove('state_group WHERE query = ? AND id = ?'),
      page: remove('state_page WHERE query = ? AND store = ? AND page = ?'),
      late: remove('late WHERE query = ? AND partition = ? AND offset = ? AND carried = ?'),
      carried: database.prepare('UPDATE result SET carried = 0 WHERE query = ? AND key = ?'),
    } satisfies Record<StateKey[0], unknown>,
    query: database.prepare<{
      fingerprint: string
      closed_up_to_ms: number | null
      late_records: number
      bound_ms: number | null
    }>('SELECT fingerprint, closed_up_to_ms, late_records, bound_ms FROM query WHERE query = ?'),
    positions: database.prepare<{
      partition: number
      offset: number
      generation: string
      max_event_time: number | null
      revision: number
    }>('SELECT partition, offset, generation, max_event_time, revision FROM position WHERE query = ?'),
    groups: database.prepare<{ id: number; key: string; fields: string }>(
      'SELECT id, key, fields FROM state_group WHERE query = ?',
    ),
    pages: database.prepare<{ store: PageStore; page: number; pane_start: number; body: Uint8Array }>(
      'SELECT store, page, pane_start, body FROM state_page WHERE query = ?',
    ),
    late: database.prepare<{
      partition: number
      offset: number
      event_time_ms: number
      windows: string
      record: string
      carried: number
    }>('SELECT partition, offset, event_time_ms, windows, record, carried FROM late WHERE query = ?'),
    carriedRows: database.prepare<{ key: string }>('SELECT key FROM result WHERE query = ? AND carried = 1'),
    resultKeys: database.prepare<{ key: string }>('SELECT key FROM result WHERE query = ?'),
  }
}
