import { type DuckDBAppender, type DuckDBConnection, DuckDBDateValue, DuckDBDecimalValue } from '@duckdb/node-api'
import type { SourceNode } from '#language/plan/plan.ts'
import type { FieldType, TypeKind, Value } from '#language/schemas/field-types.ts'
import { columnName } from './lowering/relations.ts'

/** An accepted record. A field that is absent from `values` is null. */
export interface BatchRecord {
  readonly partition: number
  readonly offset: number
  readonly values: Readonly<Record<string, Value>>
}

type Append<K extends TypeKind> = {
  readonly sqlType: (type: Extract<FieldType, { kind: K }>) => string
  readonly append: (appender: DuckDBAppender, value: never, type: Extract<FieldType, { kind: K }>) => void
}

const text: Append<'string'> & Append<'uuid'> = {
  sqlType: () => 'VARCHAR',
  append: (appender, value: string) => appender.appendVarchar(value),
}
const integer64: Append<'long'> & Append<'timestamp'> = {
  sqlType: () => 'BIGINT',
  append: (appender, value: number | bigint) => appender.appendBigInt(BigInt(value)),
}

const appends: { readonly [K in TypeKind]: Append<K> } = {
  string: text,
  uuid: text,
  int: { sqlType: () => 'INTEGER', append: (appender, value: number) => appender.appendInteger(value) },
  long: integer64,
  timestamp: integer64,
  float: { sqlType: () => 'FLOAT', append: (appender, value: number) => appender.appendFloat(value) },
  double: { sqlType: () => 'DOUBLE', append: (appender, value: number) => appender.appendDouble(value) },
  boolean: { sqlType: () => 'BOOLEAN', append: (appender, value: boolean) => appender.appendBoolean(value) },
  date: { sqlType: () => 'DATE', append: (appender, value: number) => appender.appendDate(new DuckDBDateValue(value)) },
  decimal: {
    sqlType: ({ precision, scale }) => `DECIMAL(${precision}, ${scale})`,
    append: (appender, value: bigint, { precision, scale }) =>
      appender.appendDecimal(new DuckDBDecimalValue(value, precision, scale)),
  },
}

/** Fills a new table: "partition" INTEGER, "offset" BIGINT, event_time BIGINT (epoch ms), then a column for each field of the schema. */
export async function loadRecords(
  connection: DuckDBConnection,
  table: string,
  source: SourceNode,
  records: readonly BatchRecord[],
): Promise<void> {
  const { fields } = source.schema
  const columns = fields.map(
    ({ name, type }, i) => `${columnName(i, name)} ${appends[type.kind].sqlType(type as never)}`,
  )
  await connection.run(
    `CREATE TABLE ${table} ("partition" INTEGER NOT NULL, "offset" BIGINT NOT NULL, event_time BIGINT NOT NULL, ${columns.join(', ')})`,
  )
  const appender = await connection.createAppender(table)
  for (const { partition, offset, values } of records) {
    appender.appendInteger(partition)
    appender.appendBigInt(BigInt(offset))
    appender.appendBigInt(BigInt(values[source.eventTime] as number))
    for (const { name, type } of fields) {
      const value = values[name] ?? null
      if (value === null) appender.appendNull()
      else appends[type.kind].append(appender, value as never, type as never)
    }
    appender.endRow()
  }
  appender.closeSync()
}
