import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { childrenOf } from '../expressions/children-of.ts'
import type { Expression } from '../expressions/expression.ts'
import type { Capabilities, Support } from './capabilities.ts'
import { type AppPlan, nodesOf, type PlanNode, type QueryPlan } from './plan.ts'

export interface UnsupportedPart {
  readonly query: string
  /** What it is, as in `session window` or `function lower`. */
  readonly part: string
  readonly reason: string
}

/** Everything in the plan that the engine says it cannot run, in plan order. */
export const unsupportedParts = (plan: AppPlan, capabilities: Capabilities): readonly UnsupportedPart[] =>
  plan.queries.flatMap((query) => partsOf(query, capabilities))

/** @throws MSB_PLAN_UNSUPPORTED naming every part and reason, before anything starts */
export function requireSupport(plan: AppPlan, capabilities: Capabilities): void {
  const parts = unsupportedParts(plan, capabilities)
  if (parts.length === 0) return
  const list = parts.map(({ query, part, reason }) => `query '${query}': ${part}: ${reason}`).join('; ')
  throw new MysimbdpError('MSB_PLAN_UNSUPPORTED', `the ${capabilities.engine} engine cannot run this app: ${list}`)
}

function partsOf(query: QueryPlan, capabilities: Capabilities): readonly UnsupportedPart[] {
  const reasons = new Map<string, string>()
  const check = (part: string, support: Support): void => {
    if (!support.supported) reasons.set(part, support.reason)
  }
  for (const node of nodesOf(query.output)) {
    check(node.kind, capabilities.nodes[node.kind])
    if (node.kind === 'WindowAggregate') check(`${node.window.kind} window`, capabilities.windows[node.window.kind])
    if (node.kind === 'Output') check(`output mode ${node.mode}`, capabilities.modes[node.mode])
    for (const expression of expressionsOf(node)) walk(expression, check, capabilities)
  }
  return [...reasons].map(([part, reason]) => ({ query: query.name, part, reason }))
}

function expressionsOf(node: PlanNode): readonly Expression[] {
  if (node.kind === 'Filter') return [node.predicate]
  return node.kind === 'Project' || node.kind === 'WindowAggregate'
    ? node.columns.map((column) => column.expression)
    : []
}

function walk(
  expression: Expression,
  check: (part: string, support: Support) => void,
  capabilities: Capabilities,
): void {
  if (expression.kind === 'Call') check(`function ${expression.function}`, capabilities.functions[expression.function])
  if (expression.kind === 'Aggregate')
    check(`aggregate ${expression.function}`, capabilities.aggregates[expression.function])
  for (const child of childrenOf(expression)) walk(child, check, capabilities)
}
