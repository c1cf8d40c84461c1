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
import type { BatchSharing } from '../sharing/batch-sharing.ts'
import type { KeyCodes } from '../sharing/key-codes/key-codes.ts'
import type { PaneRuns } from '../sharing/pane-runs.ts'
import type { SharedArgument } from '../sharing/shared-argument.ts'
import type { SharedRelation } from '../sharing/shared-relation.ts'

/** Where a result field finds the aggregates of its group. */
export interface ResultContext {
  readonly accumulators: readonly Accumulator[]
  readonly slot: number
}

/** A windowed query, compiled: what its operator needs to know. */
export interface WindowAggregateProgram {
  readonly sharing: BatchSharing
  readonly relation: SharedRelation
  readonly windows: WindowPanes
  readonly paneRuns: PaneRuns
  /** Earlier records are in no window that is computed (semantics 7.5). */
  readonly fromMs: number
  readonly groupBy: readonly GroupField[]
  /** Null without group keys. */
  readonly keyCodes: KeyCodes | null
  /** The argument of each aggregate, null for count(). In the order of the accumulators. */
  readonly arguments: readonly (SharedArgument | null)[]
  /** Whether count() is the one aggregate. */
  readonly onlyCounts: boolean
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
  sharing: BatchSharing,
): WindowAggregateProgram {
  const nodes = nodesOf(output)
  const node = nodes.find((candidate): candidate is WindowAggregateNode => candidate.kind === 'WindowAggregate')!
  const relation = sharing.relation(nodes)
  const window = node.window as Exclude<WindowAggregateNode['window'], { kind: 'session' }>
  const windows = windowPanes(window)
  const calls = aggregateCallsOf(node.columns)
  const arguments_ = calls.map(({ argument }) => (argument === null ? null : relation.argument(argument)))
  const scope = resultScope(relation.columns, calls)
  return {
    sharing,
    relation,
    windows: windowsAfter(boundMs, windows),
    paneRuns: relation.paneRuns(window),
    fromMs: boundMs === Number.NEGATIVE_INFINITY ? boundMs : windows.paneOf(boundMs).end,
    groupBy: node.groupBy.map((name) => ({ name, type: relation.columns.get(name)! })),
    keyCodes: node.groupBy.length === 0 ? null : relation.keyCodes(node.groupBy),
    arguments: arguments_,
    onlyCounts: calls.length === 1 && calls[0]!.function === 'count',
    createAccumulators: () => calls.map((call, i) => createAccumulator(call.function, arguments_[i]?.type ?? null)),
    results: node.columns.map(({ name, expression }) => ({ name, ...compileExpression(expression, scope) })),
    mode: output.mode,
    keepMs: output.mode === 'complete' ? (output.keepMs ?? Number.POSITIVE_INFINITY) : 0,
    keepAllRows,
    timeZone,
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
