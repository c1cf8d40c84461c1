import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import { resultOrder } from '#language/plan/result-order.ts'
import type { Platform } from '#services/runs/platform.ts'
import type { QueryResult } from './run-document.ts'

/** The results of all queries of an app, or of one, in listing order (semantics 6.5). */
export function readResults(plan: AppPlan, folder: string, platform: Platform, only: string | undefined): readonly QueryResult[] {
  const queries = plan.queries.filter(({ name }) => only === undefined || name === only)
  if (queries.length === 0) throw new MysimbdpError('MSB_CLI_USAGE', `app '${plan.name}' has no query '${only}'; it has ${plan.queries.map(({ name }) => name).join(', ')}`)
  const reader = platform.openResults(folder)
  try {
    return queries.map(({ name, output }) => ({
      query: name,
      rows: [...reader.rows(name)].sort(resultOrder(output)).map(({ row }) => row),
      late: reader.lateRecords(name),
    }))
  } finally {
    reader.close()
  }
}
