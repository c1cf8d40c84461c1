import type { Expression, FunctionName } from '../expressions/expression.ts'
import { checkApp } from '../plan/check-plan.ts'
import { type AppPlan, type OutputNode, type PlanNode, type RelationNode, sourceOf } from '../plan/plan.ts'
import { type QueryDraft, type StreamExtras, ZONE_OF_APP } from './stream.ts'

/** What a tenant deploys: the plan of its queries, and what its streams bring along. */
export interface App {
  readonly plan: AppPlan
  readonly streams: Readonly<Record<string, StreamExtras>>
}

interface AppOptions {
  /** IANA zone of the tenant: calendar windows, local times in the input, times in results. */
  readonly timeZone: string
}

/**
 * An app: a name, a time zone, and queries by name.
 * @throws MSB_QUERY_INVALID for what types cannot see, such as an unknown zone or two queries with one table
 */
export function app(name: string, options: AppOptions, queries: Readonly<Record<string, QueryDraft>>): App {
  const streams: Record<string, StreamExtras> = {}
  const plans = Object.entries(queries).map(([queryName, query]) => {
    const output: OutputNode = { kind: 'Output', input: query.draft.node, mode: query.mode, keepMs: query.keepMs }
    const resolved = resolveZone(output, options.timeZone) as OutputNode
    streams[sourceOf(resolved).stream] = query.draft.extras
    return { name: queryName, table: query.table ?? queryName.toLowerCase(), output: resolved }
  })
  const plan: AppPlan = { formatVersion: 1, name, timeZone: options.timeZone, queries: plans }
  checkApp(plan)
  return Object.freeze({ plan: deepFreeze(plan), streams })
}

/** Isolated: is this value an app? A file of a user may export anything. */
export const isApp = (value: unknown): value is App =>
  typeof value === 'object' &&
  value !== null &&
  (value as Partial<App>).plan?.formatVersion === 1 &&
  typeof (value as Partial<App>).streams === 'object'

function resolveZone(node: PlanNode, timeZone: string): PlanNode {
  const input = (): RelationNode =>
    resolveZone((node as Exclude<PlanNode, { kind: 'Source' }>).input, timeZone) as RelationNode
  const inExpression = (expression: Expression): Expression => resolveInExpression(expression, timeZone)
  switch (node.kind) {
    case 'Source':
      return { ...node, timeZone }
    case 'Filter':
      return { ...node, input: input(), predicate: inExpression(node.predicate) }
    case 'Project':
      return {
        ...node,
        input: input(),
        columns: node.columns.map((column) => ({ ...column, expression: inExpression(column.expression) })),
      }
    case 'WindowAggregate': {
      const window =
        node.window.kind === 'calendar' && node.window.timeZone === ZONE_OF_APP
          ? { ...node.window, timeZone }
          : node.window
      return {
        ...node,
        input: input(),
        window,
        columns: node.columns.map((column) => ({ ...column, expression: inExpression(column.expression) })),
      }
    }
    case 'Deduplicate':
    case 'Output':
      return { ...node, input: input() }
  }
}

const TIME_PARTS: ReadonlySet<FunctionName> = new Set<FunctionName>([
  'year',
  'month',
  'dayOfMonth',
  'hour',
  'minute',
  'dayOfWeek',
])

/** Time parts written without a zone take the app's. */
function resolveInExpression(expression: Expression, timeZone: string): Expression {
  const resolve = (inner: Expression): Expression => resolveInExpression(inner, timeZone)
  switch (expression.kind) {
    case 'Call': {
      const args = expression.arguments.map(resolve)
      if (TIME_PARTS.has(expression.function) && args.length === 1)
        args.push({ kind: 'Literal', type: { kind: 'string' }, value: timeZone })
      return { ...expression, arguments: args }
    }
    case 'Cast':
      return { ...expression, argument: resolve(expression.argument) }
    case 'Case':
      return {
        ...expression,
        // biome-ignore lint/suspicious/noThenProperty: a branch of the plan is called that
        branches: expression.branches.map(({ when, then }) => ({ when: resolve(when), then: resolve(then) })),
        otherwise: expression.otherwise === null ? null : resolve(expression.otherwise),
      }
    case 'Aggregate':
      return { ...expression, argument: expression.argument === null ? null : resolve(expression.argument) }
    case 'Field':
    case 'Literal':
      return expression
  }
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
