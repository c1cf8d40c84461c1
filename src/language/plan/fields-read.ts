import { childrenOf } from '../expressions/children-of.ts'
import type { Expression } from '../expressions/expression.ts'
import {
  type AppPlan,
  nodesOf,
  type OutputNode,
  type PlanNode,
  type RelationNode,
  sourceOf,
  streamsOf,
} from './plan.ts'

/** The same app over streams that have only the fields its queries read, in their order, and the event time. Its results are the same. */
export function withFieldsRead(plan: AppPlan): AppPlan {
  const kept = new Map(
    [...streamsOf(plan)].map(([stream, { schema }]) => {
      const names = fieldsRead(plan, stream)
      return [stream, schema.fields.filter(({ name }) => names.has(name))]
    }),
  )
  const narrowed = <N extends PlanNode>(node: N): N =>
    node.kind === 'Source'
      ? { ...node, schema: { ...node.schema, fields: kept.get(node.stream)! } }
      : { ...node, input: narrowed<RelationNode>(node.input) }
  return { ...plan, queries: plan.queries.map((query) => ({ ...query, output: narrowed<OutputNode>(query.output) })) }
}

/**
 * Names of the fields of a stream that its queries read, and perhaps some more: names that a projection made count as if they were of the
 * stream. All fields where a query passes records on as they are.
 */
function fieldsRead(plan: AppPlan, stream: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { output } of plan.queries) {
    const source = sourceOf(output)
    if (source.stream !== stream) continue
    const nodes = nodesOf(output)
    const chooses = nodes.some(({ kind }) => kind === 'Project' || kind === 'WindowAggregate')
    if (!chooses) for (const { name } of source.schema.fields) names.add(name)
    for (const node of nodes) for (const name of namesIn(node)) names.add(name)
  }
  return names
}

function namesIn(node: PlanNode): readonly string[] {
  switch (node.kind) {
    case 'Source':
      return [node.eventTime]
    case 'Filter':
      return fieldsOf(node.predicate)
    case 'Project':
      return node.columns.flatMap(({ expression }) => fieldsOf(expression))
    case 'Deduplicate':
      return node.keys
    case 'WindowAggregate':
      return [...node.groupBy, ...node.columns.flatMap(({ expression }) => fieldsOf(expression))]
    case 'Output':
      return []
  }
}

const fieldsOf = (expression: Expression): readonly string[] =>
  expression.kind === 'Field' ? [expression.name] : childrenOf(expression).flatMap(fieldsOf)
