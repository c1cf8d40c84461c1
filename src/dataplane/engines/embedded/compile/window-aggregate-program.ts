import { compileExpression, type EvaluationScope } from '#language/expressions/compile-expression.ts'
import type { Evaluator } from '#language/expressions/evaluator.ts'
import type { AggregateCall } from '#language/expressions/expression.ts'
import { aggregateScope, type Columns } from '#language/plan/check-plan.ts'
import {
  aggregateCallsOf,
  nodesOf,
  type OutputMode,
  type OutputNode,
  type WindowAggregateNode,
} from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { type WindowPanes, windowPanes, windowsAfter } from '#language/windows/window-panes.ts'
import type { Accumulator } from '../operators/accumulators/accumulator.ts'
import { createAccumulator } from '../operators/accumulators/create-accumulator.ts'
import type { GroupField } from '../operators/group-keys.ts'
import { compileRelation, compileRowExpression, forEachRow, type Relation, type RelationBatch } from './relation.ts'
import type { Vector } from './vector.ts'

/** Where a result field finds the aggregates of its group. */
export interface ResultContext {
  readonly accumulators: readonly Accumulator[]
  readonly slot: number
}

/** A windowed query, compiled: what its operator needs to know. */
export interface WindowAggregateProgram {
  readonly relation: Relation
  readonly windows: WindowPanes
  /** Earlier records are in no window that is computed (semantics 7.5). */
  readonly fromMs: number
  readonly groupBy: readonly GroupField[]
  /** The argument of each aggregate as a vector, null for count(). In the order of the accumulators. */
  readonly bindArguments: readonly (((input: RelationBatch) => Vector) | null)[]
  createAccumulators(): readonly Accumulator[]
  readonly results: readonly {
    readonly name: string
    readonly type: FieldType
    readonly evaluate: Evaluator<ResultContext>
  }[]
  readonly mode: OutputMode
  /** How long after its end a window stays open: 0, or what complete says. */
  readonly keepMs: number
  /** A bounded run keeps the rows of complete (semantics 2.5). */
  readonly keepAllRows: boolean
  readonly timeZone: string
}

export interface CompileOptions {
  readonly keepAllRows: boolean
  /** Only windows that start after it are computed; -Infinity for all. */
  readonly boundMs: number
}

export function compileWindowAggregate(
  output: OutputNode,
  timeZone: string,
  { keepAllRows, boundMs }: CompileOptions,
): WindowAggregateProgram {
  const nodes = nodesOf(output)
  const node = nodes.find((candidate): candidate is WindowAggregateNode => candidate.kind === 'WindowAggregate')!
  const relation = compileRelation(nodes)
  const windows = windowPanes(node.window as Exclude<WindowAggregateNode['window'], { kind: 'session' }>)
  const calls = aggregateCallsOf(node.columns)
  const arguments_ = calls.map((call) => (call.argument === null ? null : compileArgument(call, relation.columns)))
  const scope = resultScope(relation.columns, calls)
  return {
    relation,
    windows: windowsAfter(boundMs, windows),
    fromMs: boundMs === Number.NEGATIVE_INFINITY ? boundMs : windows.paneOf(boundMs).end,
    groupBy: node.groupBy.map((name) => ({ name, type: relation.columns.get(name)! })),
    bindArguments: arguments_.map((argument) => argument?.bind ?? null),
    createAccumulators: () => calls.map((call, i) => createAccumulator(call.function, arguments_[i]?.type ?? null)),
    results: node.columns.map(({ name, expression }) => ({ name, ...compileExpression(expression, scope) })),
    mode: output.mode,
    keepMs: output.mode === 'complete' ? (output.keepMs ?? Number.POSITIVE_INFINITY) : 0,
    keepAllRows,
    timeZone,
  }
}

function compileArgument(
  call: AggregateCall,
  columns: Columns,
): { type: FieldType; bind(input: RelationBatch): Vector } {
  const argument = call.argument!
  if (argument.kind === 'Field')
    return { type: columns.get(argument.name)!, bind: (input) => input.column(argument.name) }
  const compiled = compileRowExpression(argument, columns)
  return {
    type: compiled.type,
    bind: (input) => {
      const evaluate = compiled.bind(input)
      const values = new Array(input.batch.rows).fill(null)
      forEachRow(input, (row) => {
        values[row] = evaluate(row)
      })
      return { layout: 'values', values }
    },
  }
}

function resultScope(columns: Columns, calls: readonly AggregateCall[]): EvaluationScope<ResultContext> {
  const index = new Map(calls.map((call, i) => [JSON.stringify(call), i]))
  return {
    ...aggregateScope(columns),
    readField: (name) => {
      throw new TypeError(`field ${name} in a result expression passed the plan check`)
    },
    readAggregate: (call) => {
      const i = index.get(JSON.stringify(call))!
      return ({ accumulators, slot }) => accumulators[i]!.result(slot)
    },
  }
}
