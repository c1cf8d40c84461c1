import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'

/** How a run reads its input: `bounded` has no lateness (rule 2.8), `as-stream` follows the watermark in file order (rule 2.2). */
export type RunMode = 'bounded' | 'as-stream'

export interface QuerySql {
  /** Selects window_start, window_end (ISO text), then the row's other fields under their names, in the order of rule 6.5. */
  readonly rows: string
  /** Selects how many records are late. */
  readonly late: string
}

/** One thread keeps the rows of a file in file order, and no extension is fetched. */
const SETTINGS = {
  threads: '1',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
}

export interface HandSql {
  /** Makes the tables. */
  readonly prepare: readonly string[]
  /** Selects how many records were read and accepted. */
  readonly input: string
  readonly queries: Readonly<Record<string, QuerySql>>
}

export interface HandAnswers {
  /** Rows of each query as JSON text, in listing order. */
  readonly queries: ReadonlyMap<string, { readonly rows: readonly string[]; readonly late: bigint }>
  readonly read: bigint
  readonly accepted: bigint
}

/** Runs SQL written by hand, and gives what the product must give. */
export async function answersOf(sql: HandSql): Promise<HandAnswers> {
  const instance = await DuckDBInstance.create(':memory:', SETTINGS)
  const connection = await instance.connect()
  const firstRow = async (select: string) => (await connection.runAndReadAll(select)).getRows()[0] as bigint[]
  try {
    for (const statement of sql.prepare) await connection.run(statement)
    const queries = new Map<string, { rows: readonly string[]; late: bigint }>()
    for (const [name, query] of Object.entries(sql.queries)) {
      const [late] = await firstRow(query.late)
      queries.set(name, { rows: await rowsOf(connection, query.rows), late: late! })
    }
    const [read, accepted] = await firstRow(sql.input)
    return { queries, read: read!, accepted: accepted! }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The same as the document that `mysimbdp run --format json` must print. */
export async function documentOf(stream: string, sql: HandSql): Promise<string> {
  const { queries, read, accepted } = await answersOf(sql)
  const answers = [...queries].map(
    ([name, { rows, late }]) => `${JSON.stringify(name)}:{"rows":[${rows.join(',')}],"late":${late}}`,
  )
  const counts = `{"read":${read},"accepted":${accepted},"rejected":${read - accepted}}`
  return `{"queries":{${answers.join(',')}},"input":{${JSON.stringify(stream)}:${counts}}}`
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly string[]> {
  const reader = await connection.runAndReadAll(sql)
  const fields = reader.columnNames().slice(2)
  return reader.getRows().map(([start, end, ...values]) => {
    const rest = values.map((value, i) => `,${JSON.stringify(fields[i])}:${jsonOf(value)}`)
    return `{"window":{"start":"${start}","end":"${end}"}${rest.join('')}}`
  })
}

/** Numbers keep their digits: a DECIMAL value's text has all of its scale. */
const jsonOf = (value: DuckDBValue): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))

export const quotePath = (path: string): string => `'${path.replaceAll("'", "''")}'`
