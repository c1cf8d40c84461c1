import type { AggregateName, CaseBranch, Expression, FunctionName } from '#language/expressions/expression.ts'
import type { AppPlan, NamedExpression, OutputNode, RelationNode, SourceNode } from '#language/plan/plan.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import type { Field, Schema } from '#language/schemas/schema.ts'
import type { Window } from '#language/windows/window.ts'
import type { BatchRecord } from './load-records.ts'

/** Short ways to write plans and records in the tests of this engine. */

export const int: FieldType = { kind: 'int' }
export const long: FieldType = { kind: 'long' }
export const double: FieldType = { kind: 'double' }
export const float: FieldType = { kind: 'float' }
export const text: FieldType = { kind: 'string' }
export const uuid: FieldType = { kind: 'uuid' }
export const boolean: FieldType = { kind: 'boolean' }
export const date: FieldType = { kind: 'date' }
export const timestamp: FieldType = { kind: 'timestamp' }
export const decimal = (precision: number, scale: number): FieldType => ({ kind: 'decimal', precision, scale })

export const field = (name: string): Expression => ({ kind: 'Field', name })
export const call = (name: FunctionName, ...args: Expression[]): Expression => ({
  kind: 'Call',
  function: name,
  arguments: args,
})
export const cast = (argument: Expression, type: FieldType): Expression => ({ kind: 'Cast', type, argument })
export const literal = (type: FieldType, value: string | number | boolean | null): Expression => ({
  kind: 'Literal',
  type,
  value,
})
export const aggregate = (name: AggregateName, argument: Expression | null = null): Expression => ({
  kind: 'Aggregate',
  function: name,
  argument,
})
export const branch = (when: Expression, then: Expression): CaseBranch => ({ when, then })
export const choose = (branches: readonly CaseBranch[], otherwise: Expression | null = null): Expression => ({
  kind: 'Case',
  branches,
  otherwise,
})
export const named = (name: string, expression: Expression): NamedExpression => ({ name, expression })

export function source(fields: Readonly<Record<string, FieldType>>, watermarkDelayMs: number | null = 0): SourceNode {
  const nullable: Field[] = Object.entries(fields).map(([name, type]) => ({ name, type, nullable: true }))
  const schema: Schema = { name: 'readings', fields: [{ name: 'at', type: timestamp, nullable: false }, ...nullable] }
  return {
    kind: 'Source',
    stream: 'readings',
    schema,
    eventTime: 'at',
    watermarkDelayMs,
    maxFutureSkewMs: null,
    timeZone: 'UTC',
    badRecords: 'dead-letter',
  }
}

export const tumbling = (sizeMs: number, offsetMs = 0): Window => ({ kind: 'tumbling', sizeMs, offsetMs })
export const sliding = (sizeMs: number, slideMs: number): Window => ({ kind: 'sliding', sizeMs, slideMs, offsetMs: 0 })

export const windowed = (
  input: RelationNode,
  window: Window,
  columns: readonly NamedExpression[],
  groupBy: readonly string[] = [],
): RelationNode => ({
  kind: 'WindowAggregate',
  input,
  window,
  groupBy,
  columns,
})

export const output = (
  input: RelationNode,
  mode: OutputNode['mode'] = 'update',
  keepMs: number | null = null,
): OutputNode => ({ kind: 'Output', input, mode, keepMs })

export const app = (outputs: Readonly<Record<string, OutputNode>>, timeZone = 'UTC'): AppPlan => ({
  formatVersion: 1,
  name: 'handmade',
  timeZone,
  queries: Object.entries(outputs).map(([name, node]) => ({ name, table: name, output: node })),
})

/** Records of one partition, in offset order. */
export const records = (rows: readonly Readonly<Record<string, Value>>[], partition = 0): readonly BatchRecord[] =>
  rows.map((values, offset) => ({ partition, offset, values }))
