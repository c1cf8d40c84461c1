import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { compareUtf8 } from '#language/expressions/compare-values.ts'
import type { PlaceInResults, RowReader, RowSelection, ServedRow } from '../sink.ts'
import type { CassandraParameter, CassandraRow, CassandraSession } from './cassandra-session.ts'
import { quoted, type ResultTable, tableColumns, tableName } from './result-table.ts'
import { servedRow } from './served-row.ts'

/** Up to so many buckets between two times are asked one by one; beyond, the table is asked which there are. */
const BUCKETS_ASKED = 64

/**
 * Reads results out of Cassandra. Rows come bucket by bucket: by window start and key; of a query without windows, which may have several
 * partitions, by stretches of offsets, in each by partition and offset. What the port of a job has besides is not here: there is no commit
 * to hold, late records and the plan stay with the job, and a row does not say that a rebuild carried it over.
 */
export class CassandraResultReader implements RowReader {
  readonly #session: CassandraSession
  readonly #tables: () => Promise<readonly ResultTable[]>
  readonly #timeZone: string

  /** @param tables as `setUpResultTable` answered them; the session is not closed with the reader */
  constructor(session: CassandraSession, tables: () => Promise<readonly ResultTable[]>, timeZone: string) {
    this.#session = session
    this.#tables = tables
    this.#timeZone = timeZone
  }

  rows(query: string): AsyncIterable<ServedRow> {
    return this.select(query, {})
  }

  async rowCount(query: string): Promise<number> {
    const table = await this.#table(query)
    let count = 0
    for (const bucket of await this.#buckets(table, {}))
      count += Number(
        (
          await this.#session.execute(
            `SELECT count(*) AS row_count FROM ${tableName(table)} WHERE ${quoted(table.place.bucket)} = ?`,
            [bucketParameter(table, bucket)],
          )
        )[0]!.row_count,
      )
    return count
  }

  async *select(query: string, selection: RowSelection): AsyncGenerator<ServedRow> {
    const table = await this.#table(query)
    const wanted = { ...selection, ...narrowed(table, selection) }
    const { newestFirst = false, after } = wanted
    for (const bucket of await this.#buckets(table, wanted)) {
      for await (const window of this.#windowsIn(table, bucket, wanted)) {
        const rows = table.isWindowed ? window.sort(byKey) : window
        if (table.isWindowed && newestFirst) rows.reverse()
        for (const row of rows) if (after === undefined || isBehind(table, row, after)) yield row
      }
    }
  }

  close(): void {}

  async #table(query: string): Promise<ResultTable> {
    const table = (await this.#tables()).find((one) => one.query === query)
    if (table === undefined) throw new MysimbdpError('MSB_NOT_FOUND', `query '${query}' has no table in Cassandra`)
    return table
  }

  /** Where the buckets begin that can hold wanted rows, in the order of reading. */
  async #buckets(table: ResultTable, { fromMs, toMs, newestFirst }: RowSelection): Promise<readonly number[]> {
    const { bucketSpan, place } = table
    const [from, to] = [fromMs ?? Number.NEGATIVE_INFINITY, toMs ?? Number.POSITIVE_INFINITY]
    const first = Math.floor(from / bucketSpan) * bucketSpan
    const found: number[] = []
    if ((to - first) / bucketSpan <= BUCKETS_ASKED)
      for (let bucket = first; bucket < to; bucket += bucketSpan) found.push(bucket)
    else
      for await (const page of this.#session.pages(`SELECT DISTINCT ${quoted(place.bucket)} FROM ${tableName(table)}`))
        found.push(...page.map((row) => Number(row[place.bucket])).filter((start) => start >= first && start < to))
    return found.sort((a, b) => (newestFirst === true ? b - a : a - b))
  }

  /** The rows of a bucket, those of one window together. */
  async *#windowsIn(table: ResultTable, bucket: number, selection: RowSelection): AsyncGenerator<ServedRow[]> {
    let window: ServedRow[] = []
    const { statement, parameters } = bucketStatement(table, bucket, selection)
    for await (const page of this.#session.pages(statement, parameters)) {
      for (const row of page.map((one: CassandraRow) => servedRow(table, this.#timeZone, one))) {
        const isNext = !table.isWindowed || row.windowStart !== window[0]?.windowStart
        if (isNext && window.length > 0) {
          yield window
          window = []
        }
        window.push(row)
      }
    }
    if (window.length > 0) yield window
  }
}

/** Times of window starts (or offsets) outside of which no wanted row can be: a key and a place say their own. */
function narrowed(
  table: ResultTable,
  { fromMs, toMs, key, after }: RowSelection,
): Pick<RowSelection, 'fromMs' | 'toMs'> {
  const lowest = [fromMs, after && positionOf(table, after.key), key && positionOf(table, key)].filter(isNumber)
  const highest = [toMs, key && positionOf(table, key) + 1].filter(isNumber)
  return {
    ...(lowest.length > 0 && { fromMs: Math.max(...lowest) }),
    ...(highest.length > 0 && { toMs: Math.min(...highest) }),
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number'

/** What buckets are cut by: the window start, or the offset. */
const positionOf = ({ isWindowed }: ResultTable, key: string): number => Number(key.split('|')[isWindowed ? 0 : 1])

function bucketStatement(
  table: ResultTable,
  bucket: number,
  { fromMs, toMs, key, newestFirst }: RowSelection,
): { readonly statement: string; readonly parameters: readonly CassandraParameter[] } {
  const { place, isWindowed } = table
  const conditions: (readonly [string, CassandraParameter])[] = [
    [`${quoted(place.bucket)} = ?`, bucketParameter(table, bucket)],
  ]
  if (key !== undefined) conditions.push(...keyConditions(table, key))
  else if (isWindowed) {
    if (fromMs !== undefined) conditions.push([`${quoted(place.windowStart)} >= ?`, new Date(fromMs)])
    if (toMs !== undefined) conditions.push([`${quoted(place.windowStart)} < ?`, new Date(toMs)])
  }
  const direction = newestFirst === true ? 'DESC' : 'ASC'
  const order = (isWindowed ? [place.windowStart, place.key] : [place.partition, place.offset])
    .map((column) => `${quoted(column)} ${direction}`)
    .join(', ')
  const columns = [...tableColumns(table).keys()].map(quoted).join(', ')
  return {
    statement: `SELECT ${columns} FROM ${tableName(table)} WHERE ${conditions.map(([cql]) => cql).join(' AND ')} ORDER BY ${order}`,
    parameters: conditions.map(([, parameter]) => parameter),
  }
}

function keyConditions(
  { place, isWindowed }: ResultTable,
  key: string,
): readonly (readonly [string, CassandraParameter])[] {
  const [first, second] = key.split('|')
  return isWindowed
    ? [
        [`${quoted(place.windowStart)} = ?`, new Date(Number(first))],
        [`${quoted(place.key)} = ?`, key],
      ]
    : [
        [`${quoted(place.partition)} = ?`, BigInt(first!)],
        [`${quoted(place.offset)} = ?`, BigInt(second!)],
      ]
}

const bucketParameter = ({ isWindowed }: ResultTable, bucket: number): CassandraParameter =>
  isWindowed ? new Date(bucket) : BigInt(bucket)

/** Shorter keys first, as in the port. */
const byKey = (a: ServedRow, b: ServedRow): number => [...a.key].length - [...b.key].length || compareUtf8(a.key, b.key)

/** Whether a row comes after a place, in the order of reading. */
function isBehind({ isWindowed, bucketSpan }: ResultTable, row: ServedRow, place: PlaceInResults): boolean {
  if (isWindowed)
    return (
      row.windowStart! > place.windowStart! ||
      (row.windowStart === place.windowStart && byKey(row, place as ServedRow) > 0)
    )
  const order = (key: string): readonly number[] => {
    const [partition, offset] = key.split('|').map(Number)
    return [Math.floor(offset! / bucketSpan), partition!, offset!]
  }
  const [a, b] = [order(row.key), order(place.key)]
  const differing = a.findIndex((part, i) => part !== b[i])
  return differing >= 0 && a[differing]! > b[differing]!
}
