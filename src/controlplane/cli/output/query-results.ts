import type { ResultReader } from '#dataplane/sinks/sink.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { AppPlan, QueryPlan } from '#language/plan/plan.ts'
import { inResultOrder } from '#language/plan/result-order.ts'
import type { QueryResult } from './run-document.ts'

/** All queries of an app, or the one that is asked for. @throws MSB_CLI_USAGE when there is none of that name */
export function chosenQueries(plan: AppPlan, only: string | undefined): readonly QueryPlan[] {
  const queries = plan.queries.filter(({ name }) => only === undefined || name === only)
  if (queries.length === 0)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `app '${plan.name}' has no query '${only}'; it has ${plan.queries.map(({ name }) => name).join(', ')}`,
    )
  return queries
}

/** The results of some queries in listing order (semantics 6.5). Their rows are read while the reader is open. */
export function queryResults(queries: readonly QueryPlan[], reader: ResultReader): readonly QueryResult[] {
  return queries.map(({ name, output }) => ({
    query: name,
    rowCount: reader.rowCount(name),
    rows: rowTexts(inResultOrder(output, reader.rows(name))),
    late: reader.lateRecords(name),
  }))
}

function* rowTexts(rows: Iterable<{ readonly row: string }>): Iterable<string> {
  for (const { row } of rows) yield row
}
