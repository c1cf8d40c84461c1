import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ExpressionSchema } from '../connect/generated/expressions_pb.ts'
import type { RelationInit } from '../connect/spark-session.ts'

/** Short ways to write the messages of a relation. Expressions are SQL texts, which the server parses. */

export interface Column {
  readonly name: string
  readonly sql: string
  /** What Spark keeps with the column, as JSON. */
  readonly metadata?: string
}

/** Of Spark's Aggregate.GroupType. Written out, so that who only explains a plan does not load the protocol. */
const GROUP_BY = 1

type ExpressionInit = MessageInitShape<typeof ExpressionSchema>

const expression = (sql: string): ExpressionInit => ({
  exprType: { case: 'expressionString', value: { expression: sql } },
})

const alias = ({ name, sql, metadata }: Column) => ({
  expr: expression(sql),
  name: [name],
  ...(metadata !== undefined && { metadata }),
})

const aliased = (column: Column): ExpressionInit => ({ exprType: { case: 'alias', value: alias(column) } })

/** Only these columns. */
export const project = (input: RelationInit, columns: readonly Column[]): RelationInit => ({
  relType: { case: 'project', value: { input, expressions: columns.map(aliased) } },
})

/** These columns besides, or instead of those of the same names. */
export const withColumns = (input: RelationInit, columns: readonly Column[]): RelationInit => ({
  relType: { case: 'withColumns', value: { input, aliases: columns.map(alias) } },
})

export const filter = (input: RelationInit, condition: string): RelationInit => ({
  relType: { case: 'filter', value: { input, condition: expression(condition) } },
})

/** Of one row for each event time; `delayMs` is how far rows may lag behind the newest. */
export const withWatermark = (input: RelationInit, eventTime: string, delayMs: number): RelationInit => ({
  relType: { case: 'withWatermark', value: { input, eventTime, delayThreshold: `${delayMs} milliseconds` } },
})

export const collectMetrics = (input: RelationInit, name: string, metrics: readonly Column[]): RelationInit => ({
  relType: { case: 'collectMetrics', value: { input, name, metrics: metrics.map(aliased) } },
})

/** The first row of each key. `withinWatermark`: of a stream, keys are forgotten when the watermark has passed their first row by its delay. */
export const deduplicate = (
  input: RelationInit,
  columnNames: readonly string[],
  { withinWatermark }: { readonly withinWatermark: boolean },
): RelationInit => ({
  relType: { case: 'deduplicate', value: { input, columnNames: [...columnNames], withinWatermark } },
})

export const aggregate = (
  input: RelationInit,
  groups: readonly string[],
  results: readonly Column[],
): RelationInit => ({
  relType: {
    case: 'aggregate',
    value: {
      input,
      groupType: GROUP_BY,
      groupingExpressions: groups.map(expression),
      aggregateExpressions: results.map(aliased),
    },
  },
})

/** A stream, or what it holds now. */
export const read = (
  format: string,
  options: Readonly<Record<string, string>>,
  { streaming, schema }: { readonly streaming: boolean; readonly schema?: string },
): RelationInit => ({
  relType: {
    case: 'read',
    value: {
      isStreaming: streaming,
      readType: {
        case: 'dataSource',
        value: { format, options: { ...options }, ...(schema !== undefined && { schema }) },
      },
    },
  },
})

export const sql = (query: string): RelationInit => ({ relType: { case: 'sql', value: { query } } })
