import type { QueryPlan } from '#language/plan/plan.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import { compileQuery } from '../compile/compile-query.ts'
import { latenessDelayMs } from './query-runner.ts'

/** How many records of a batch a query would find late: its own operator, without state, says so. */
export function countLate(query: QueryPlan, timeZone: string, batch: LoggedBatch): number {
  const operator = compileQuery(query, timeZone, { keepAllRows: false, boundMs: Number.NEGATIVE_INFINITY })
  operator.process(batch, latenessDelayMs(query))
  return operator.takeChanges(Number.NEGATIVE_INFINITY).late.length
}
