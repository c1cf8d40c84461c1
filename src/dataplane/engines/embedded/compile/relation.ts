import { childrenOf } from '#language/expressions/children-of.ts'
import { compileExpression, type EvaluationScope } from '#language/expressions/compile-expression.ts'
import type { Expression } from '#language/expressions/expression.ts'
import { type Columns, columnsAfter, recordScope } from '#language/plan/check-plan.ts'
import type { FilterNode, PlanNode, ProjectNode, SourceNode } from '#language/plan/plan.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import type { RecordBatch } from '../../../records/record-batch.ts'
import { compileLaneColumn, compileTruths } from './lanes/compile-lane.ts'
import { TRUE, type TruthLane } from './lanes/lane.ts'
import { type Vector, vectorReader } from './vector.ts'

/** A batch on its way through a query: which rows are left, and what its columns are by now. Valid until the next batch. */
export interface RelationBatch {
  readonly batch: RecordBatch
  /** The rows that passed the filters so far, ascending; the first `length` count. */
  readonly rows: Int32Array
  readonly length: number
  readonly column: (name: string) => Vector
}

export type RelationStep = (input: RelationBatch) => RelationBatch

/** Makes the steps that remember records of earlier batches. */
export interface DeduplicatingSteps {
  step(keys: readonly { readonly name: string; readonly type: FieldType }[]): RelationStep
}

/** The part of a query before its window: filters and projections, compiled to steps over batches. */
export interface Relation {
  readonly columns: Columns
  apply(batch: RecordBatch): RelationBatch
}

/** @param deduplication needed where the nodes deduplicate; then the relation belongs to one query, and takes each batch once */
export function compileRelation(nodes: readonly PlanNode[], deduplication: DeduplicatingSteps | null = null): Relation {
  const source = nodes[0] as SourceNode
  let columns = columnsAfter(source, new Map())
  const steps: RelationStep[] = []
  for (const node of nodes) {
    if (node.kind === 'Filter') steps.push(filterStep(node, columns))
    if (node.kind === 'Project') steps.push(projectStep(node, columns))
    if (node.kind === 'Deduplicate')
      steps.push(deduplication!.step(node.keys.map((name) => ({ name, type: columns.get(name)! }))))
    if (node.kind === 'Filter' || node.kind === 'Project') columns = columnsAfter(node, columns)
  }
  const index = new Map(source.schema.fields.map((field, i) => [field.name, i]))
  let allRows = new Int32Array(0)
  return {
    columns,
    apply: (batch) => {
      if (allRows.length < batch.rows) allRows = Int32Array.from({ length: batch.rows }, (_, row) => row)
      const column = (name: string): Vector => batch.columns[index.get(name)!]!
      let input: RelationBatch = { batch, rows: allRows, length: batch.rows, column }
      for (const step of steps) input = step(input)
      return input
    },
  }
}

/** A row under evaluation: one object per batch, whose `row` moves. */
interface RowContext {
  row: number
  readonly readers: ReadonlyMap<string, (row: number) => unknown>
}

function rowScope(columns: Columns): EvaluationScope<RowContext> {
  return {
    ...recordScope(columns),
    readField: (name) => (context) => context.readers.get(name)!(context.row) as never,
    readAggregate: ({ function: name }) => {
      throw new TypeError(`aggregate ${name} in a record expression passed the plan check`)
    },
  }
}

/** An expression over the columns of a relation, compiled to a function from batches to a row reader. */
function compileRowExpression(
  expression: Expression,
  columns: Columns,
): { type: FieldType; bind(input: RelationBatch): (row: number) => Value } {
  const { type, evaluate } = compileExpression(expression, rowScope(columns))
  const names = fieldsOf(expression)
  return {
    type,
    bind: (input) => {
      const readers = new Map(names.map((name) => [name, vectorReader(input.column(name), columns.get(name)!)]))
      const context: RowContext = { row: 0, readers }
      return (row) => {
        context.row = row
        return evaluate(context)
      }
    },
  }
}

function fieldsOf(expression: Expression): readonly string[] {
  if (expression.kind === 'Field') return [expression.name]
  return [...new Set(childrenOf(expression).flatMap(fieldsOf))]
}

function filterStep(node: FilterNode, columns: Columns): RelationStep {
  const truths = compileTruths(node.predicate, columns)
  const predicate = compileRowExpression(node.predicate, columns)
  let kept = new Int32Array(0)
  return (input) => {
    if (kept.length < input.length) kept = new Int32Array(input.length)
    const lane = truths?.(input) ?? null
    const length = lane === null ? keepByRow(input, predicate.bind(input), kept) : keepByLane(input, lane, kept)
    return { ...input, rows: kept, length }
  }
}

/** Writes the rows that a predicate keeps; answers how many they are. */
function keepByRow({ rows, length }: RelationBatch, holds: (row: number) => Value, kept: Int32Array): number {
  let count = 0
  for (let i = 0; i < length; i++) if (holds(rows[i]!) === true) kept[count++] = rows[i]!
  return count
}

function keepByLane({ rows, length }: RelationBatch, truths: TruthLane, kept: Int32Array): number {
  let count = 0
  for (let i = 0; i < length; i++) if (truths[rows[i]!] === TRUE) kept[count++] = rows[i]!
  return count
}

function projectStep(node: ProjectNode, columns: Columns): RelationStep {
  const computed = new Map(node.columns.map(({ name, expression }) => [name, compileColumn(expression, columns)]))
  return (input) => {
    const made = new Map<string, Vector>()
    const column = (name: string): Vector => {
      let vector = made.get(name)
      if (vector === undefined) made.set(name, (vector = computed.get(name)!.bind(input)))
      return vector
    }
    return { ...input, column }
  }
}

/** A column computed for the rows of a relation; those of other rows mean nothing. Valid until the next batch. */
export interface ComputedColumn {
  readonly type: FieldType
  bind(input: RelationBatch): Vector
}

export function compileColumn(expression: Expression, columns: Columns): ComputedColumn {
  if (expression.kind === 'Field')
    return { type: columns.get(expression.name)!, bind: (input) => input.column(expression.name) }
  const compiled = compileRowExpression(expression, columns)
  const lane = compileLaneColumn(expression, compiled.type, columns)
  const values: Value[] = []
  return {
    type: compiled.type,
    bind: (input) => {
      const computed = lane(input)
      if (computed !== null) return computed
      const evaluate = compiled.bind(input)
      while (values.length < input.batch.rows) values.push(null)
      for (let i = 0; i < input.length; i++) values[input.rows[i]!] = evaluate(input.rows[i]!)
      return { layout: 'values', values }
    },
  }
}
