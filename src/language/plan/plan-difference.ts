import { explainNodes } from './explain.ts'
import { fingerprint } from './fingerprint.ts'
import { type AppPlan, type OutputNode, type QueryPlan, sourceOf } from './plan.ts'

/** How a version of an app differs from the one before, query by query. A query that has only another table is the same. */
export interface PlanDifference {
  readonly unchanged: readonly string[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly ChangedQuery[]
}

export interface ChangedQuery {
  readonly query: string
  /** What the query said, and what it says now, in the lines of `explain` that differ. */
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** Whether its state and results can be kept: only how rows come out has changed, in a way that needs nothing of the past. */
  readonly canKeep: boolean
}

export function planDifference(before: AppPlan, after: AppPlan): PlanDifference {
  const known = new Map(before.queries.map((query) => [query.name, query]))
  const names = new Set(after.queries.map(({ name }) => name))
  const both = after.queries.filter(({ name }) => known.has(name))
  const isSame = (query: QueryPlan): boolean =>
    fingerprint(known.get(query.name)!, before.timeZone) === fingerprint(query, after.timeZone)
  return {
    unchanged: both.filter(isSame).map(({ name }) => name),
    added: after.queries.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    removed: before.queries.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    changed: both
      .filter((query) => !isSame(query))
      .map((query) => changedQuery(known.get(query.name)!, query, before.timeZone === after.timeZone)),
  }
}

function changedQuery(before: QueryPlan, after: QueryPlan, sameZone: boolean): ChangedQuery {
  const [said, says] = [explainNodes(before.output), explainNodes(after.output)]
  return {
    query: after.name,
    before: said.filter((line) => !says.includes(line)),
    after: says.filter((line) => !said.includes(line)),
    canKeep: sameZone && keepsState(before.output, after.output),
  }
}

/**
 * State is that of open windows. Append and update close a window at the same time, so each can go on with the other's; complete keeps a
 * window open longer, so the others can go on with its state, but it cannot go on with theirs, nor with one of a shorter `keep`.
 */
function keepsState(before: OutputNode, after: OutputNode): boolean {
  if (JSON.stringify(before.input) !== JSON.stringify(after.input)) return false
  if (sourceOf(before).watermarkDelayMs === null) return false
  if (after.mode !== 'complete') return true
  return before.mode === 'complete' && openFor(after) <= openFor(before)
}

const openFor = ({ keepMs }: OutputNode): number => keepMs ?? Number.POSITIVE_INFINITY
