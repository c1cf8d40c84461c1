import { existsSync } from 'node:fs'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type Database, openDatabase, type Statement } from '#foundation/sqlite/database.ts'
import type { ResultReader, RowSelection, ServedLateRecord, ServedRow } from '../../../sinks/sink.ts'

interface ResultTuple {
  readonly key: string
  readonly window_start: number | null
  readonly window_end: number | null
  readonly row: string
  readonly carried: number
}

interface LateTuple {
  readonly partition: number
  readonly offset: number
  readonly event_time_ms: number
  readonly windows: string
  readonly record: string
}

/** Reads the results out of the state file of a job. */
export class SqliteResultReader implements ResultReader {
  readonly #database: Database

  /** @throws MSB_STATE_DAMAGED, MSB_STORAGE_FAILED */
  constructor(path: string) {
    if (!existsSync(path)) throw new MysimbdpError('MSB_STATE_DAMAGED', `the state file '${path}' is missing`)
    this.#database = openDatabase(path, { synchronous: 'NORMAL', damagedCode: 'MSB_STATE_DAMAGED', readOnly: true })
  }

  #prepare<Row extends object>(sql: string): Statement<Row> {
    try {
      return this.#database.prepare<Row>(sql)
    } catch (error) {
      // An emptied file is still a database. Which tables there are is all that can be wrong with these statements.
      if (!(error instanceof MysimbdpError) || error.code !== 'MSB_INTERNAL') throw error
      const { cause, where } = error
      const why = cause instanceof Error ? cause.message : error.message
      throw new MysimbdpError('MSB_STATE_DAMAGED', `the state file holds no results: ${why}`, { cause, where })
    }
  }

  *rows(query: string): Iterable<ServedRow> {
    const statement = this.#prepare<ResultTuple>(
      'SELECT key, window_start, window_end, row, carried FROM result WHERE query = ? ORDER BY window_start',
    )
    for (const tuple of statement.iterate(query)) yield servedRow(tuple)
  }

  rowCount(query: string): number {
    return this.#prepare<{ rows: number }>('SELECT count(*) AS rows FROM result WHERE query = ?').get(query)!.rows
  }

  selectRows(query: string, { fromMs, toMs, key, limit }: RowSelection): readonly ServedRow[] {
    const statement = this.#prepare<ResultTuple>(`
      SELECT key, window_start, window_end, row, carried FROM result WHERE query = ?
        AND (? IS NULL OR window_start >= ?) AND (? IS NULL OR window_start < ?) AND (? IS NULL OR key = ?)
      ORDER BY window_start DESC, length(key) DESC, key DESC LIMIT ?`)
    const [from, to, wanted] = [fromMs ?? null, toMs ?? null, key ?? null]
    return statement.all(query, from, from, to, to, wanted, wanted, limit).reverse().map(servedRow)
  }

  *late(query: string): Iterable<ServedLateRecord> {
    const statement = this.#prepare<LateTuple>(
      'SELECT partition, offset, event_time_ms, windows, record FROM late WHERE query = ? ORDER BY partition, offset',
    )
    for (const { partition, offset, event_time_ms, windows, record } of statement.iterate(query)) {
      yield { partition, offset, eventTimeMs: event_time_ms, windows: JSON.parse(windows) as number[], record }
    }
  }

  lateRecords(query: string): number {
    return (
      this.#prepare<{ late_records: number }>('SELECT late_records FROM query WHERE query = ?').get(query)
        ?.late_records ?? 0
    )
  }

  close(): void {
    this.#database.close()
  }
}

const servedRow = ({ key, window_start, window_end, row, carried }: ResultTuple): ServedRow => ({
  key,
  windowStart: window_start,
  windowEnd: window_end,
  row,
  carriedOver: carried === 1,
})
