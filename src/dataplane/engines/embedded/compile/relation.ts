import { childrenOf } from '#language/expressions/children-of.ts'
import { compileExpression, type EvaluationScope } from '#language/expressions/compile-expression.ts'
import type { Expression } from '#language/expressions/expression.ts'
import { type Columns, columnsAfter, recordScope } from '#language/plan/check-plan.ts'
import type { FilterNode, PlanNode, ProjectNode, SourceNode } from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import type { RecordBatch } from '../../../records/record-batch.ts'
import { type Vector, vectorReader } from './vector.ts'

/** A batch on its way through a query: which rows are left, and what its columns are by now. */
export interface RelationBatch {
  readonly batch: RecordBatch
  /** Rows that passed the filters so far, ascending; null for all. */
  readonly selection: Int32Array | null
  readonly column: (name: string) => Vector
}

type Step = (input: RelationBatch) => RelationBatch

/** The part of a query before its window: filters and projections, compiled to steps over batches. */
export interface Relation {
  readonly columns: Columns
  apply(batch: RecordBatch): RelationBatch
}

export function compileRelation(nodes: readonly PlanNode[]): Relation {
  const source = nodes[0] as SourceNode
  let columns = columnsAfter(source, new Map())
  const steps: Step[] = []
  for (const node of nodes) {
    if (node.kind === 'Filter') steps.push(filterStep(node, columns))
    if (node.kind === 'Project') steps.push(projectStep(node, columns))
    if (node.kind === 'Filter' || node.kind === 'Project') columns = columnsAfter(node, columns)
  }
  const index = new Map(source.schema.fields.map((field, i) => [field.name, i]))
  return {
    columns,
    apply: (batch) => {
      const start: RelationBatch = { batch, selection: null, column: (name) => batch.columns[index.get(name)!]! }
      return steps.reduce((input, step) => step(input), start)
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

/** Compiles an expression over the columns of a relation to a function from batches to a row reader. */
export function compileRowExpression(
  expression: Expression,
  columns: Columns,
): { type: FieldType; bind(input: RelationBatch): (row: number) => unknown } {
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

function filterStep(node: FilterNode, columns: Columns): Step {
  const predicate = compileRowExpression(node.predicate, columns)
  return (input) => {
    const holds = predicate.bind(input)
    const kept = new Int32Array(input.selection?.length ?? input.batch.rows)
    let count = 0
    forEachRow(input, (row) => {
      if (holds(row) === true) kept[count++] = row
    })
    return { ...input, selection: kept.subarray(0, count) }
  }
}

function projectStep(node: ProjectNode, columns: Columns): Step {
  const computed = new Map(node.columns.map(({ name, expression }) => [name, columnStep(expression, columns)]))
  return (input) => {
    const made = new Map<string, Vector>()
    const column = (name: string): Vector => {
      let vector = made.get(name)
      if (vector === undefined) made.set(name, (vector = computed.get(name)!(input)))
      return vector
    }
    return { ...input, column }
  }
}

function columnStep(expression: Expression, columns: Columns): (input: RelationBatch) => Vector {
  if (expression.kind === 'Field') return (input) => input.column(expression.name)
  const compiled = compileRowExpression(expression, columns)
  return (input) => {
    const evaluate = compiled.bind(input)
    const values = new Array(input.batch.rows).fill(null)
    forEachRow(input, (row) => {
      values[row] = evaluate(row)
    })
    return { layout: 'values', values }
  }
}

export function forEachRow({ batch, selection }: RelationBatch, visit: (row: number) => void): void {
  if (selection === null) for (let row = 0; row < batch.rows; row++) visit(row)
  else for (let i = 0; i < selection.length; i++) visit(selection[i]!)
}
