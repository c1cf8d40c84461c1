import { existsSync } from 'node:fs'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type Database, openDatabase, type SqlValue, type Statement } from '#foundation/sqlite/database.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import { planFromJson } from '#language/plan/plan-json.ts'
import type {
  CommitPosition,
  PlaceInResults,
  RecordPlace,
  ResultReader,
  RowSelection,
  ServedLateRecord,
  ServedRow,
} from '../../../sinks/sink.ts'
import { COMMIT_FACT, PLAN_FACT } from './job-store.ts'

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

  *select(query: string, selection: RowSelection): Iterable<ServedRow> {
    const conditions: readonly Condition[] = [['query = ?', query], ...conditionsOf(selection)]
    const direction = selection.newestFirst === true ? 'DESC' : 'ASC'
    const statement = this.#prepare<ResultTuple>(`
      SELECT key, window_start, window_end, row, carried FROM result WHERE ${conditions.map(([sql]) => sql).join(' AND ')}
      ORDER BY window_start ${direction}, length(key) ${direction}, key ${direction}`)
    for (const tuple of statement.iterate(...conditions.flatMap(([, ...parameters]) => parameters)))
      yield servedRow(tuple)
  }

  *late(query: string, { partition, offset }: RecordPlace = { partition: 0, offset: 0 }): Iterable<ServedLateRecord> {
    const statement = this.#prepare<LateTuple>(
      `SELECT partition, offset, event_time_ms, windows, record FROM late WHERE query = ? AND (partition, offset) >= (?, ?)
      ORDER BY partition, offset`,
    )
    for (const found of statement.iterate(query, partition, offset)) {
      yield {
        partition: found.partition,
        offset: found.offset,
        eventTimeMs: found.event_time_ms,
        windows: JSON.parse(found.windows) as number[],
        record: found.record,
      }
    }
  }

  lateRecords(query: string): number {
    return (
      this.#prepare<{ late_records: number }>('SELECT late_records FROM query WHERE query = ?').get(query)
        ?.late_records ?? 0
    )
  }

  hold(): CommitPosition | undefined {
    this.#database.exec('BEGIN')
    const text = this.#fact(COMMIT_FACT)
    return text === undefined ? undefined : (JSON.parse(text) as CommitPosition)
  }

  plan(): AppPlan | undefined {
    const text = this.#fact(PLAN_FACT)
    return text === undefined ? undefined : planFromJson(text)
  }

  #fact(name: string): string | undefined {
    return this.#prepare<{ value: string }>('SELECT value FROM fact WHERE name = ?').get(name)?.value
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

/** A condition as SQL, with what its question marks stand for. */
type Condition = readonly [sql: string, ...parameters: SqlValue[]]

function conditionsOf({ fromMs, toMs, key, after }: RowSelection): readonly Condition[] {
  const conditions: Condition[] = []
  if (fromMs !== undefined) conditions.push(['window_start >= ?', fromMs])
  if (toMs !== undefined) conditions.push(['window_start < ?', toMs])
  if (key !== undefined) conditions.push(['key = ?', key])
  if (after !== undefined) conditions.push(...behind(after))
  return conditions
}

/** The bounds come first and alone: they let SQLite begin where the index says, and the rest sorts out rows of one window. */
function behind({ windowStart, key }: PlaceInResults): readonly Condition[] {
  return windowStart === null
    ? [
        ['window_start IS NULL AND length(key) >= length(?)', key],
        ['(length(key), key) > (length(?), ?)', key, key],
      ]
    : [
        ['window_start >= ?', windowStart],
        ['(window_start > ? OR (length(key), key) > (length(?), ?))', windowStart, key, key],
      ]
}
