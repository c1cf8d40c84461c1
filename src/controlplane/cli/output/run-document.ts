import type { InputReport } from '#services/runs/ingest.ts'

/** The results of one query, in listing order. */
export interface QueryResult {
  readonly query: string
  readonly rowCount: number
  /** Rows as JSON text; they can be read once. */
  readonly rows: Iterable<string>
  readonly late: number
}

export interface RunResult {
  readonly queries: readonly QueryResult[]
  readonly inputs: Readonly<Record<string, InputReport>>
}

/** The document of `--format json`. Rows go in as they are stored, so that decimals keep their digits. */
export function* runDocument({ queries, inputs }: RunResult): Iterable<string> {
  yield '{"queries":{'
  for (const [i, { query, rows, late }] of queries.entries()) {
    yield `${i === 0 ? '' : ','}\n${JSON.stringify(query)}:{"rows":[`
    let separator = '\n'
    for (const row of rows) {
      yield `${separator}${row}`
      separator = ',\n'
    }
    yield `],"late":${late}}`
  }
  const streams = Object.entries(inputs).map(
    ([stream, { read, accepted, rejected }]) =>
      `${JSON.stringify(stream)}:${JSON.stringify({ read, accepted, rejected })}`,
  )
  yield `},\n"input":{${streams.join(',')}}}\n`
}
