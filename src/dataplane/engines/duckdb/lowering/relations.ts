import type { PlanNodeKind, RelationNode, SourceNode, WindowAggregateNode } from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { cannot, requireLowering, type Unsupported } from '../../lowering-table.ts'
import { type LoweringScope, lowerExpression } from './expressions.ts'
import { illTyped, powerOfTen, type TypedSql } from './typed-sql.ts'

/** A chain of common table expressions so far: the last one has "partition", "offset", event_time, watermark and `columns`. */
export interface Relation {
  readonly ctes: readonly string[]
  readonly columns: ReadonlyMap<string, TypedSql>
  /** The WindowAggregate at the end of the chain, which `lowerQuery` takes apart into rows and late records. */
  readonly aggregation: WindowAggregateNode | null
}

export interface SourceTable {
  readonly name: string
  /** Whether records carry the watermark before them (rule 2.2); in a bounded run it stays at minus infinity (rule 2.8). */
  readonly watermarks: boolean
}

type LowerNode<K extends RelationNode['kind']> = (
  node: Extract<RelationNode, { kind: K }>,
  table: SourceTable,
) => Relation

/** Unique whatever the case of the names, which DuckDB ignores. */
export const columnName = (index: number, name: string): string => `f${index}_${name}`

const lastOf = (relation: Relation): string => `step${relation.ctes.length}`
const step = (relation: Relation, sql: string): readonly string[] => [
  ...relation.ctes,
  `step${relation.ctes.length + 1} AS (\n${sql}\n)`,
]
const PLACE = '"partition", "offset", event_time, watermark'

export const fieldScope = (columns: ReadonlyMap<string, TypedSql>): LoweringScope => ({
  field: (name) => columns.get(name) ?? illTyped(`field '${name}'`),
  aggregate: () => illTyped('an aggregate of a single record'),
})

export const relationLowerings: { readonly [K in Exclude<PlanNodeKind, 'Output'>]: LowerNode<K> | Unsupported } = {
  Source: (source, table) => {
    const columns = new Map(source.schema.fields.map(({ name, type }, i) => [name, { sql: columnName(i, name), type }]))
    const values = [...columns.values()].map((column) => `  ${loaded(column)} AS ${column.sql}`)
    const sql = `  SELECT "partition", "offset", event_time, ${watermark(source, table)} AS watermark,\n${values.join(',\n')}\n  FROM ${table.name}`
    return { ctes: [`step1 AS (\n${sql}\n)`], columns, aggregation: null }
  },
  Filter: (node, table) => {
    const input = lowerRelation(node.input, table)
    const { sql } = lowerExpression(node.predicate, fieldScope(input.columns))
    return { ...input, ctes: step(input, `  SELECT * FROM ${lastOf(input)} WHERE ${sql}`) }
  },
  Project: (node, table) => {
    const input = lowerRelation(node.input, table)
    const columns = new Map<string, TypedSql>()
    const values = node.columns.map(({ name, expression }, i) => {
      const { sql, type } = lowerExpression(expression, fieldScope(input.columns))
      columns.set(name, { sql: columnName(i, name), type })
      return `  ${sql} AS ${columnName(i, name)}`
    })
    return {
      ctes: step(input, `  SELECT ${PLACE},\n${values.join(',\n')}\n  FROM ${lastOf(input)}`),
      columns,
      aggregation: null,
    }
  },
  Deduplicate: cannot(
    'whether a key still lives depends on every record before it, which one SQL query does not follow',
  ),
  WindowAggregate: (node, table) => ({ ...lowerRelation(node.input, table), aggregation: node }),
}

export function lowerRelation(node: RelationNode, table: SourceTable): Relation {
  if (node.kind !== 'Source' && node.input.kind === 'WindowAggregate') {
    return requireLowering<never>(
      'duckdb',
      cannot('it lowers what comes before a window only'),
      `${node.kind} behind a window`,
    )
  }
  const lower = requireLowering('duckdb', relationLowerings[node.kind], node.kind) as (
    node: RelationNode,
    table: SourceTable,
  ) => Relation
  return lower(node, table)
}

/** Rule 2.2, before any filter and before a record is multiplied into its windows. NULL stands for minus infinity. */
function watermark(source: SourceNode, table: SourceTable): string {
  if (!table.watermarks || source.watermarkDelayMs === null) return 'CAST(NULL AS BIGINT)'
  return `max(event_time) OVER (
    PARTITION BY "partition" ORDER BY "offset" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) - ${source.watermarkDelayMs}`
}

/** A stored value as expressions see it: decimals become unscaled whole numbers. */
const loaded = ({ sql, type }: { sql: string; type: FieldType }): string =>
  type.kind === 'decimal'
    ? `CAST(CAST(${sql} AS DECIMAL(38, ${type.scale})) * CAST(${powerOfTen(type.scale)} AS DECIMAL(38, 0)) AS HUGEINT)`
    : sql
