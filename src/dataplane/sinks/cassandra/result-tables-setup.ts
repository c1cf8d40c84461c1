import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { QueryPlan } from '#language/plan/plan.ts'
import type { CassandraSession } from './cassandra-session.ts'
import {
  createTableStatement,
  quoted,
  type ResultTable,
  resultTable,
  type TableChoice,
  tableColumns,
  tableName,
  textLiteral,
} from './result-table.ts'

/** As in Cassandra: `{ class: 'SimpleStrategy', replication_factor: 3 }` or `{ class: 'NetworkTopologyStrategy', dc1: 3 }`. */
export type Replication = Readonly<Record<string, string | number>> & { readonly class: string }

export interface SetupChoice extends TableChoice {
  /** Whose the keyspace is. */
  readonly tenant: string
  readonly replication: Replication
}

export interface ReadyTable extends ResultTable {
  /** Whether it was not there, so that it has no rows. */
  readonly isNew: boolean
}

/** What stands in a table's comment, so that whoever comes to the table knows whose it is and how it is cut. */
interface TableNote {
  readonly writtenBy: 'mysimbdp'
  readonly tenant: string
  readonly app: string
  readonly query: string
  readonly bucketSpan: number
}

/** Holds the name of the tenant whose keyspace it is. */
const OWNER_TABLE = 'mysimbdp_owner'

/**
 * Creates the keyspace and the table of a query where they are missing, adds columns that are new, and answers the table as it is: one that is
 * there keeps its buckets. The comment is written in the statement that creates the table, so of two apps only one can own it.
 * @throws MSB_SINK_OWNED for what belongs to somebody else, MSB_SINK_REFUSED for a column whose type has changed, MSB_SINK_UNREACHABLE
 */
export async function setUpResultTable(
  session: CassandraSession,
  app: string,
  query: QueryPlan,
  choice: SetupChoice,
): Promise<ReadyTable> {
  await claimKeyspace(session, choice)
  return setUpTable(session, resultTable(query, choice), app, choice.tenant)
}

async function claimKeyspace(session: CassandraSession, { keyspace, tenant, replication }: SetupChoice): Promise<void> {
  const options = Object.entries(replication)
    .map(([key, value]) => `${textLiteral(key)}: ${textLiteral(String(value))}`)
    .join(', ')
  await session.define(`CREATE KEYSPACE IF NOT EXISTS ${quoted(keyspace)} WITH replication = {${options}}`)
  const owners = `${quoted(keyspace)}.${OWNER_TABLE}`
  await session.define(`CREATE TABLE IF NOT EXISTS ${owners} (keyspace_name text PRIMARY KEY, tenant text)`)
  const [claim] = await session.execute(`INSERT INTO ${owners} (keyspace_name, tenant) VALUES (?, ?) IF NOT EXISTS`, [
    keyspace,
    tenant,
  ])
  const owner = claim?.['[applied]'] === true ? tenant : claim?.tenant
  if (owner !== tenant)
    throw new MysimbdpError(
      'MSB_SINK_OWNED',
      `keyspace '${keyspace}' belongs to tenant '${String(owner)}', not to '${tenant}'`,
    )
}

async function setUpTable(
  session: CassandraSession,
  table: ResultTable,
  app: string,
  tenant: string,
): Promise<ReadyTable> {
  const { query, bucketSpan } = table
  const note: TableNote = { writtenBy: 'mysimbdp', tenant, app, query, bucketSpan }
  const isNew = !(await isThere(session, table))
  await session.define(createTableStatement(table, JSON.stringify(note)))
  const found = await noteOf(session, table)
  if (found === null)
    throw new MysimbdpError('MSB_SINK_OWNED', `table '${table.keyspace}.${table.table}' was not made by mysimbdp`)
  if (found.tenant !== tenant || found.app !== app || found.query !== query)
    throw new MysimbdpError(
      'MSB_SINK_OWNED',
      `table '${table.keyspace}.${table.table}' belongs to query '${found.query}' of app '${found.app}' of tenant '${found.tenant}'`,
    )
  await addNewColumns(session, table)
  return { ...table, bucketSpan: found.bucketSpan, isNew }
}

async function isThere(session: CassandraSession, { keyspace, table }: ResultTable): Promise<boolean> {
  const found = await session.execute(
    'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, table],
  )
  return found.length > 0
}

/** Null where the table is not ours; it is there. */
async function noteOf(session: CassandraSession, { keyspace, table }: ResultTable): Promise<TableNote | null> {
  const [row] = await session.execute(
    'SELECT comment FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, table],
  )
  try {
    const note = JSON.parse(String(row?.comment)) as Partial<TableNote> | null
    return note?.writtenBy === 'mysimbdp' ? (note as TableNote) : null
  } catch {
    return null
  }
}

async function addNewColumns(session: CassandraSession, table: ResultTable): Promise<void> {
  const rows = await session.execute(
    'SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?',
    [table.keyspace, table.table],
  )
  const known = new Map(rows.map(({ column_name, type }) => [String(column_name), String(type)]))
  for (const [name, type] of tableColumns(table)) {
    const before = known.get(name)
    if (before === type) continue
    if (before !== undefined)
      throw new MysimbdpError(
        'MSB_SINK_REFUSED',
        `column '${name}' of table '${table.keyspace}.${table.table}' is ${before}, and query '${table.query}' gives ${type}`,
        {
          hint: 'Name another table with output(mode, { table }), or drop this one: its rows come again from the result topic.',
        },
      )
    await session.define(`ALTER TABLE ${tableName(table)} ADD ${quoted(name)} ${type}`)
  }
}
