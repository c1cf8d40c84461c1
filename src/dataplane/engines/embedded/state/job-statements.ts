import type { Database, Statement } from '#foundation/sqlite/database.ts'

export type Statements = ReturnType<typeof prepareStatements>

/** All that is asked of the file of a job, prepared once. */
export function prepareStatements(database: Database) {
  const prepare = <Row extends object>(sql: string): Statement<Row> => database.prepare<Row>(sql)
  return {
    queries: prepare<{ query: string; fingerprint: string; late_records: number; bound_ms: number | null }>(
      'SELECT query, fingerprint, late_records, bound_ms FROM query',
    ),
    positions: prepare<{
      query: string
      partition: number
      offset: number
      generation: string
      max_event_time: number | null
      revision: number
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
    addQuery: prepare('INSERT INTO query (query, fingerprint, late_records, bound_ms) VALUES (?, ?, ?, ?)'),
    adoptQuery: prepare('UPDATE query SET fingerprint = ? WHERE query = ?'),
    removeOpenResults: prepare(
      'DELETE FROM result WHERE query = ?1 AND window_end > coalesce((SELECT closed_up_to_ms FROM query WHERE query = ?1), -1e300)',
    ),
    updateQuery: prepare('UPDATE query SET closed_up_to_ms = ?, late_records = late_records + ? WHERE query = ?'),
    putPosition: prepare(
      'INSERT INTO position VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset, generation = excluded.generation, max_event_time = excluded.max_event_time, revision = excluded.revision',
    ),
    putResult: prepare(
      'INSERT INTO result (query, key, window_start, window_end, row) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET window_start = excluded.window_start, window_end = excluded.window_end, row = excluded.row',
    ),
    row: prepare<{ row: string }>('SELECT row FROM result WHERE query = ? AND key = ?'),
    removeResult: prepare('DELETE FROM result WHERE query = ? AND key = ?'),
    putLate: prepare(
      'INSERT INTO late (query, partition, offset, event_time_ms, windows, record) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    ...carryStatements(database),
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

/** What carries results over when a query begins anew on a log that has lost its beginning. */
function carryStatements(database: Database) {
  return {
    carryRows: database.prepare('UPDATE result SET carried = 1 WHERE query = ? AND window_start <= ?'),
    // The key of a row without window is `partition|offset`.
    carryRecords: database.prepare(
      `UPDATE result SET carried = 1 WHERE query = ? AND window_start IS NULL AND CAST(key AS INTEGER) = ?
         AND CAST(substr(key, instr(key, '|') + 1) AS INTEGER) < ?`,
    ),
    carryLate: database.prepare(
      // Each time has a number of its own: a record may have missed windows before and after a rebuild.
      `UPDATE late SET carried = (SELECT max(carried) + 1 FROM late WHERE query = ?2),
         windows = (SELECT json_group_array(value) FROM json_each(windows) WHERE value <= ?1)
       WHERE query = ?2 AND carried = 0`,
    ),
    // Late for deduplication, and still there to be found late again.
    removeLateStillInLog: database.prepare(
      "DELETE FROM late WHERE query = ? AND carried = 0 AND windows = '[]' AND partition = ? AND offset >= ?",
    ),
    removeLateBehindBound: database.prepare(
      `DELETE FROM late WHERE query = ?1 AND carried = 0 AND windows <> '[]'
         AND NOT EXISTS (SELECT 1 FROM json_each(windows) WHERE value <= ?2)`,
    ),
    carriedLate: database.prepare<{ records: number }>(
      'SELECT count(*) AS records FROM late WHERE query = ? AND carried > 0',
    ),
    carriedKeys: database.prepare<{ key: string }>(
      'SELECT key FROM result WHERE query = ? AND carried = 1 AND window_end <= ?',
    ),
  }
}
