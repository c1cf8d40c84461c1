import { outputColumns } from '#language/plan/check-plan.ts'
import { type QueryPlan, windowAggregateOf } from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { bucketSpanOf } from './bucket-span.ts'

/** The table that serves a query's results: columns for where a row has its place, and one for each column of the query. */
export interface ResultTable {
  readonly query: string
  readonly keyspace: string
  readonly table: string
  readonly isWindowed: boolean
  /** Ms of window starts, or offsets, that share a bucket. */
  readonly bucketSpan: number
  readonly place: PlaceColumns
  readonly columns: readonly ResultColumn[]
}

export interface ResultColumn {
  readonly name: string
  readonly type: FieldType
}

/** Names of the columns that say where a row has its place; other ones where the query has such columns itself. */
export interface PlaceColumns {
  readonly bucket: string
  readonly windowStart: string
  readonly windowEnd: string
  readonly partition: string
  readonly offset: string
  readonly key: string
}

export interface TableChoice {
  readonly keyspace: string
  /** Groups in a window, by query, where that is known. */
  readonly groups?: ReadonlyMap<string, number>
}

export function resultTable({ name, table, output }: QueryPlan, { keyspace, groups }: TableChoice): ResultTable {
  const columns = [...outputColumns(output)].map(([column, type]) => ({ name: column, type }))
  const taken = new Set(columns.map((column) => column.name))
  const free = (wanted: string): string => (taken.has(wanted) ? free(`${wanted}_`) : wanted)
  return {
    query: name,
    keyspace,
    table,
    isWindowed: windowAggregateOf(output) !== undefined,
    bucketSpan: bucketSpanOf(output, groups?.get(name)),
    place: {
      bucket: free('bucket'),
      windowStart: free('window_start'),
      windowEnd: free('window_end'),
      partition: free('partition'),
      offset: free('offset'),
      key: free('key'),
    },
    columns,
  }
}

/** Each column with its type, the primary key first. */
export function tableColumns({ place, isWindowed, columns }: ResultTable): ReadonlyMap<string, string> {
  const placed: readonly (readonly [string, string])[] = isWindowed
    ? [
        [place.bucket, 'timestamp'],
        [place.windowStart, 'timestamp'],
        [place.key, 'text'],
        [place.windowEnd, 'timestamp'],
      ]
    : [
        [place.bucket, 'bigint'],
        [place.partition, 'bigint'],
        [place.offset, 'bigint'],
        [place.key, 'text'],
      ]
  return new Map([...placed, ...columns.map(({ name, type }) => [name, cqlType(type)] as const)])
}

/** `CREATE TABLE`, with a comment that is kept where every reader of the table finds it. */
export function createTableStatement(table: ResultTable, comment: string): string {
  const { place, isWindowed } = table
  const order = (isWindowed ? [place.windowStart, place.key] : [place.partition, place.offset]).map(quoted).join(', ')
  const columns = [...tableColumns(table)].map(([name, type]) => `${quoted(name)} ${type}`).join(', ')
  return `CREATE TABLE IF NOT EXISTS ${tableName(table)} (${columns}, PRIMARY KEY ((${quoted(place.bucket)}), ${order})) WITH comment = ${textLiteral(comment)}`
}

export const tableName = ({ keyspace, table }: ResultTable): string => `${quoted(keyspace)}.${quoted(table)}`

/** An identifier as it stands: with the case of its letters, also where it is a word of CQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const textLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Digits are kept: a decimal is a decimal of Cassandra, which has any number of them. */
function cqlType(type: FieldType): string {
  switch (type.kind) {
    case 'string':
      return 'text'
    case 'long':
      return 'bigint'
    default:
      return type.kind
  }
}
