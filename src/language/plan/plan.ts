import { childrenOf } from '../expressions/children-of.ts'
import type { AggregateCall, Expression } from '../expressions/expression.ts'
import type { Schema } from '../schemas/schema.ts'
import type { Window } from '../windows/window.ts'

/**
 * A query is a chain of nodes from its output back to its source. Nodes are frozen plain data that round-trips through JSON;
 * engines, `explain`, the oracle and JSON are tables over `PlanNode['kind']`, so that a new node breaks the type check in
 * exactly the places that must answer.
 */
export type PlanNode = SourceNode | FilterNode | ProjectNode | DeduplicateNode | WindowAggregateNode | OutputNode
export type PlanNodeKind = PlanNode['kind']
export type RelationNode = Exclude<PlanNode, OutputNode>

export interface SourceNode {
  readonly kind: 'Source'
  readonly stream: string
  readonly schema: Schema
  /** Name of the timestamp field that is the event time. */
  readonly eventTime: string
  /** How far records may lag behind the newest one; null: the stream has no watermark, nothing is late, nothing closes. */
  readonly watermarkDelayMs: number | null
  /** A record further ahead of its arrival is a dead letter; null: no limit. */
  readonly maxFutureSkewMs: number | null
  /** Zone of timestamps that are written without one. */
  readonly timeZone: string
  readonly badRecords: BadRecordPolicy
}

/** `dead-letter` keeps a bad record with its reason, `skip` only counts it, `fail` ends the job. */
export type BadRecordPolicy = 'dead-letter' | 'skip' | 'fail'

export interface FilterNode {
  readonly kind: 'Filter'
  readonly input: RelationNode
  /** A boolean; records for which it is false or null are left out. */
  readonly predicate: Expression
}

export interface ProjectNode {
  readonly kind: 'Project'
  readonly input: RelationNode
  /** All columns after this node, in order. The event time stays with the record, whether or not a column holds it. */
  readonly columns: readonly NamedExpression[]
}

export interface DeduplicateNode {
  readonly kind: 'Deduplicate'
  readonly input: RelationNode
  /** Records that agree in these fields within the watermark are one. */
  readonly keys: readonly string[]
}

export interface WindowAggregateNode {
  readonly kind: 'WindowAggregate'
  readonly input: RelationNode
  readonly window: Window
  readonly groupBy: readonly string[]
  /** Result fields: expressions over aggregate calls and literals (no bare fields). */
  readonly columns: readonly NamedExpression[]
}

export interface OutputNode {
  readonly kind: 'Output'
  readonly input: RelationNode
  readonly mode: OutputMode
  /** complete only: how long after its end, in event time, a window's row stays; null keeps it for ever. */
  readonly keepMs: number | null
}

export type OutputMode = 'append' | 'update' | 'complete'

export interface NamedExpression {
  readonly name: string
  readonly expression: Expression
}

export interface QueryPlan {
  readonly name: string
  /** Table that serves the results. */
  readonly table: string
  readonly output: OutputNode
}

/** Everything a tenant deploys: one job. */
export interface AppPlan {
  readonly formatVersion: 1
  readonly name: string
  /** IANA zone of calendar windows and of the times in results, as in `America/Chicago`. */
  readonly timeZone: string
  readonly queries: readonly QueryPlan[]
}

/** The nodes of a query from source to output. */
export function nodesOf(output: OutputNode): readonly PlanNode[] {
  const nodes: PlanNode[] = []
  for (let node: PlanNode = output; ; node = node.input) {
    nodes.unshift(node)
    if (node.kind === 'Source') return nodes
  }
}

export function sourceOf(output: OutputNode): SourceNode {
  return nodesOf(output)[0] as SourceNode
}

/** The source node of each stream an app reads. */
export const streamsOf = (plan: AppPlan): ReadonlyMap<string, SourceNode> =>
  new Map(plan.queries.map((query) => sourceOf(query.output)).map((source) => [source.stream, source]))

export function windowAggregateOf(output: OutputNode): WindowAggregateNode | undefined {
  return nodesOf(output).find((node) => node.kind === 'WindowAggregate')
}

/** The distinct aggregate calls in an aggregation's columns, in order of appearance. Two calls are the same when their JSON is. */
export function aggregateCallsOf(columns: readonly NamedExpression[]): readonly AggregateCall[] {
  const calls = new Map<string, AggregateCall>()
  const visit = (expression: Expression): void => {
    if (expression.kind === 'Aggregate') calls.set(JSON.stringify(expression), expression)
    else childrenOf(expression).forEach(visit)
  }
  for (const column of columns) visit(column.expression)
  return [...calls.values()]
}
