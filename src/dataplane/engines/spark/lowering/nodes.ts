import type { PlanNodeKind, RelationNode, WindowAggregateNode } from '#language/plan/plan.ts'
import { requireLowering, type Unsupported } from '../../lowering-table.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { SPARK } from './engine-name.ts'
import { type LoweringScope, lowerExpression } from './expressions.ts'
import { deduplicate, filter, project } from './messages.ts'
import { PLACE } from './records.ts'
import { columnName, illTyped, quoteName, type TypedSql } from './typed-sql.ts'

/** A relation with the columns of `PLACE` and those of the plan. */
export interface LoweredRelation {
  readonly relation: RelationInit
  readonly columns: ReadonlyMap<string, TypedSql>
  /** The window at the end of the chain, which `lowerQuery` lowers itself. */
  readonly aggregation: WindowAggregateNode | null
}

/** What a query begins with. */
export interface AcceptedRecords {
  readonly relation: RelationInit
  /** Whether it is a stream with a watermark. */
  readonly hasWatermark: boolean
}

type LowerNode<K extends RelationNode['kind']> = (
  node: Extract<RelationNode, { kind: K }>,
  accepted: AcceptedRecords,
) => LoweredRelation

export const fieldScope = (columns: ReadonlyMap<string, TypedSql>): LoweringScope => ({
  field: (name) => columns.get(name) ?? illTyped(`field '${name}'`),
  aggregate: () => illTyped('an aggregate of a single record'),
})

export const nodeLowerings: { readonly [K in Exclude<PlanNodeKind, 'Output'>]: LowerNode<K> | Unsupported } = {
  Source: ({ schema }, accepted) => ({
    relation: accepted.relation,
    columns: new Map(
      schema.fields.map(({ name, type }, i) => [name, { sql: quoteName(columnName(i, name)), type }] as const),
    ),
    aggregation: null,
  }),
  Filter: (node, accepted) => {
    const input = lowerNode(node.input, accepted)
    const { sql } = lowerExpression(node.predicate, fieldScope(input.columns))
    return { ...input, relation: filter(input.relation, sql) }
  },
  Project: (node, accepted) => {
    const input = lowerNode(node.input, accepted)
    const columns = node.columns.map(({ name, expression }, i) => ({
      name,
      column: columnName(i, name),
      value: lowerExpression(expression, fieldScope(input.columns)),
    }))
    const place = PLACE.map((name) => ({ name, sql: quoteName(name) }))
    const values = columns.map(({ column, value }) => ({ name: column, sql: value.sql }))
    return {
      relation: project(input.relation, [...place, ...values]),
      columns: new Map(columns.map(({ name, column, value }) => [name, { sql: quoteName(column), type: value.type }])),
      aggregation: null,
    }
  },
  // Rule 3.6. Spark has the watermark on event time, and keeps a key as long after its first one as that lags behind.
  Deduplicate: (node, accepted) => {
    const input = lowerNode(node.input, accepted)
    const names = [...input.columns.keys()]
    const keys = node.keys.map((name) => columnName(names.indexOf(name), name))
    const options = { withinWatermark: accepted.hasWatermark }
    return { ...input, relation: deduplicate(input.relation, keys, options) }
  },
  WindowAggregate: (node, accepted) => ({ ...lowerNode(node.input, accepted), aggregation: node }),
}

export function lowerNode(node: RelationNode, accepted: AcceptedRecords): LoweredRelation {
  const lower = requireLowering(SPARK, nodeLowerings[node.kind], node.kind) as (
    node: RelationNode,
    accepted: AcceptedRecords,
  ) => LoweredRelation
  return lower(node, accepted)
}
