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

/**
 * Runs SQL written by hand and gives the document that `mysimbdp run --format json` must print.
 * `prepare` makes the tables; `input` selects how many records were read and accepted.
 */
export async function documentOf(
  stream: string,
  sql: {
    readonly prepare: readonly string[]
    readonly input: string
    readonly queries: Readonly<Record<string, QuerySql>>
  },
): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:', SETTINGS)
  const connection = await instance.connect()
  try {
    for (const statement of sql.prepare) await connection.run(statement)
    const queries: string[] = []
    for (const [name, query] of Object.entries(sql.queries)) {
      const late = (await connection.runAndReadAll(query.late)).getRows()[0]![0]
      queries.push(
        `${JSON.stringify(name)}:{"rows":[${(await rowsOf(connection, query.rows)).join(',')}],"late":${late}}`,
      )
    }
    const [read, accepted] = (await connection.runAndReadAll(sql.input)).getRows()[0]!
    const counts = `{"read":${read},"accepted":${accepted},"rejected":${BigInt(read as bigint) - BigInt(accepted as bigint)}}`
    return `{"queries":{${queries.join(',')}},"input":{${JSON.stringify(stream)}:${counts}}}`
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
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
