import type { AggregateCall, Expression } from '#language/expressions/expression.ts'
import type { AppPlan, OutputNode, PlanNode, QueryPlan, SourceNode, WindowAggregateNode } from '#language/plan/plan.ts'
import { aggregate } from './aggregate-records.ts'
import { compareNullFirst } from './compare-typed.ts'
import { deduplicate } from './deduplicate.ts'
import { evaluateExpression, type Scope } from './evaluate-expression.ts'
import { isoTime } from './local-time.ts'
import {
  type AcceptedRecord,
  byPlace,
  type InputEnd,
  type ReadStream,
  readStream,
  type Step,
  type StreamCounts,
} from './read-stream.ts'
import { type Group, sessionsOf } from './sessions.ts'
import type { Row, Typed } from './typed-value.ts'
import { jsonText, keyPart } from './value-text.ts'
import { type Span, windowsOf } from './window-starts.ts'

/**
 * Evaluates plans from the rules of `docs/reference/semantics.md`, one record and one rule after the other. It shares no
 * code with the product, only the types of a plan.
 */

export type { Step } from './read-stream.ts'

export interface LateRecord {
  readonly partition: number
  readonly offset: number
  /** Starts (epoch ms) of the windows it missed, ascending. */
  readonly windows: readonly number[]
}

export interface QueryResult {
  /** Row JSON by rules 6.1 to 6.3, in the order of 6.5. */
  readonly rows: readonly string[]
  /** The result keys of `rows`. */
  readonly keys: readonly string[]
  readonly late: number
  /** By partition and offset. */
  readonly lateRecords: readonly LateRecord[]
}

export interface OracleResult {
  readonly queries: Readonly<Record<string, QueryResult>>
  readonly streams: Readonly<Record<string, StreamCounts>>
}

/**
 * `bounded`: rule 2.8, nothing is late, the future guard is off, all windows close at the end, complete keeps all rows.
 * `as-stream`: the watermark follows the input, then every window closes; complete keeps all rows (rule 2.5).
 * `open`: a live stream as of now; append has the windows that closed, complete those that have not left.
 * @throws Error 'unsupported: …' for a node behind the aggregation; RecordRejected where a stream's policy is `fail`
 */
export function evaluate(
  plan: AppPlan,
  inputs: Readonly<Record<string, readonly Step[]>>,
  options: { readonly end: InputEnd },
): OracleResult {
  const streams = new Map<string, ReadStream>()
  const queries: Record<string, QueryResult> = {}
  for (const query of plan.queries) {
    const source = nodesFromSource(query.output)[0] as SourceNode
    let stream = streams.get(source.stream)
    if (stream === undefined) {
      stream = readStream(source, inputs[source.stream] ?? [], options.end)
      streams.set(source.stream, stream)
    }
    queries[query.name] = new QueryRun(query, plan.timeZone, stream, options.end).result()
  }
  return { queries, streams: Object.fromEntries([...streams].map(([name, stream]) => [name, stream.counts])) }
}

function nodesFromSource(output: OutputNode): readonly PlanNode[] {
  const nodes: PlanNode[] = [output]
  for (let node: PlanNode = output; node.kind !== 'Source'; ) {
    node = node.input
    nodes.unshift(node)
  }
  return nodes
}

interface Grouped {
  readonly groups: readonly Group[]
  readonly late: readonly LateRecord[]
}

class QueryRun {
  readonly #output: OutputNode
  readonly #nodes: readonly PlanNode[]
  readonly #zone: string
  readonly #stream: ReadStream
  readonly #end: InputEnd

  constructor(query: QueryPlan, zone: string, stream: ReadStream, end: InputEnd) {
    this.#output = query.output
    this.#nodes = nodesFromSource(query.output)
    this.#zone = zone
    this.#stream = stream
    this.#end = end
  }

  result(): QueryResult {
    let records = this.#stream.records
    const late: LateRecord[] = []
    for (const [index, node] of this.#nodes.entries()) {
      switch (node.kind) {
        case 'Source':
        case 'Output':
          break
        case 'Filter':
          records = records.filter(({ row }) => evaluateExpression(node.predicate, ofRecord(row)).value === true)
          break
        case 'Project':
          records = records.map((record) => ({ ...record, row: project(node.columns, ofRecord(record.row)) }))
          break
        case 'Deduplicate': {
          const delayMs = (this.#nodes[0] as SourceNode).watermarkDelayMs ?? Infinity
          const found = deduplicate(records, node.keys, delayMs)
          late.push(...found.late.map(({ partition, offset }) => ({ partition, offset, windows: [] })))
          records = found.kept
          break
        }
        case 'WindowAggregate':
          if (this.#nodes[index + 1].kind !== 'Output') throw new Error('unsupported: a node after the aggregation')
          return this.#windowed(node, records, late)
      }
    }
    return this.#windowless(records, late)
  }

  /** Rule 5.4. */
  #windowless(records: readonly AcceptedRecord[], late: readonly LateRecord[]): QueryResult {
    const ordered = [...records].sort(byPlace)
    return {
      rows: ordered.map(({ row }) => this.#json(Object.entries(row))),
      keys: ordered.map(({ partition, offset }) => `${partition}|${offset}`),
      late: late.length,
      lateRecords: [...late].sort(byPlace),
    }
  }

  #windowed(
    node: WindowAggregateNode,
    records: readonly AcceptedRecord[],
    lateBefore: readonly LateRecord[],
  ): QueryResult {
    const { window, groupBy } = node
    const { groups, late } =
      window.kind === 'session' ? sessionsOf(records, window.gapMs, groupBy) : this.#groupsOf(node, records)
    const lateRecords = [...lateBefore, ...late].sort(byPlace)
    const shown = groups.filter(({ span }) => this.#isShown(span)).sort(compareGroups)
    return {
      rows: shown.map((group) => this.#rowOf(group, node)),
      keys: shown.map(resultKey),
      late: lateRecords.length,
      lateRecords,
    }
  }

  #groupsOf({ window, groupBy }: WindowAggregateNode, records: readonly AcceptedRecord[]): Grouped {
    const groups = new Map<string, Group>()
    const late: LateRecord[] = []
    for (const record of records) {
      const missed: number[] = []
      for (const span of windowsOf(record.eventTime, window)) {
        if (this.#isPast(span, record.watermark)) missed.push(span.startMs)
        else addToGroup(groups, span, groupBy, record)
      }
      if (missed.length > 0) late.push({ partition: record.partition, offset: record.offset, windows: missed })
    }
    return { groups: [...groups.values()], late }
  }

  /** Rules 2.3 to 2.5: the end of a window (for complete: plus what it is kept) was reached by a watermark. */
  #isPast(span: Span, watermark: number): boolean {
    if (this.#output.mode !== 'complete') return span.endMs <= watermark
    return this.#output.keepMs !== null && span.endMs <= watermark - this.#output.keepMs
  }

  #isShown(span: Span): boolean {
    const past = this.#isPast(span, this.#stream.minimumWatermark)
    switch (this.#output.mode) {
      case 'append':
        return this.#end !== 'open' || past
      case 'update':
        return true
      case 'complete':
        return this.#end !== 'open' || !past
    }
  }

  /** Rule 6.1. */
  #rowOf(group: Group, node: WindowAggregateNode): string {
    const { startMs, endMs } = group.span
    const time = (ms: number): string => JSON.stringify(isoTime(ms, this.#zone))
    const grouped = node.groupBy.map((name, index): [string, Typed] => [name, group.parts[index]])
    const results = Object.entries(project(node.columns, ofGroup(group.records)))
    const fields = this.#json([...grouped, ...results]).slice(1)
    const window = `{"window":{"start":${time(startMs)},"end":${time(endMs)}}`
    return fields === '}' ? `${window}}` : `${window},${fields}`
  }

  #json(fields: readonly (readonly [string, Typed])[]): string {
    return `{${fields.map(([name, typed]) => `${JSON.stringify(name)}:${jsonText(typed, this.#zone)}`).join(',')}}`
  }
}

/** Rule 6.4. */
const resultKey = ({ span, parts }: Pick<Group, 'span' | 'parts'>): string =>
  [span.startMs, ...parts.map(keyPart)].join('|')

/** A map from result key to what is counted under it. */
function addToGroup(groups: Map<string, Group>, span: Span, groupBy: readonly string[], record: AcceptedRecord): void {
  const parts = groupBy.map((name) => record.row[name])
  const key = resultKey({ span, parts })
  const group = groups.get(key) ?? { span, parts, records: [] }
  group.records.push(record)
  groups.set(key, group)
}

/** Rule 6.5. */
function compareGroups(a: Group, b: Group): number {
  if (a.span.startMs !== b.span.startMs) return a.span.startMs - b.span.startMs
  for (const [index, part] of a.parts.entries()) {
    const order = compareNullFirst(part, b.parts[index])
    if (order !== 0) return order
  }
  return 0
}

function project(columns: readonly { readonly name: string; readonly expression: Expression }[], scope: Scope): Row {
  return Object.fromEntries(columns.map(({ name, expression }) => [name, evaluateExpression(expression, scope)]))
}

const ofRecord = (row: Row): Scope => ({
  field: (name) => row[name],
  aggregate: () => {
    throw new Error('an aggregate outside of an aggregation')
  },
})

const ofGroup = (records: readonly AcceptedRecord[]): Scope => ({
  field: (name) => {
    throw new Error(`the field '${name}' outside of an aggregate`)
  },
  aggregate: (call: AggregateCall) => {
    const rows = new Map(records.map((record) => [`${record.partition}|${record.offset}`, record.row]))
    return aggregate(call, records, ({ partition, offset }) =>
      evaluateExpression(call.argument!, ofRecord(rows.get(`${partition}|${offset}`)!)),
    )
  },
})

/** The types of a query's columns: those of the row that its records would give if all their values were null. */
export function columnTypes(query: QueryPlan): Readonly<Record<string, Typed['type']>> {
  const nodes = nodesFromSource(query.output)
  const source = nodes[0] as SourceNode
  let row: Row = Object.fromEntries(source.schema.fields.map(({ name, type }) => [name, { type, value: null }]))
  for (const node of nodes) {
    if (node.kind === 'Project') row = project(node.columns, ofRecord(row))
    if (node.kind === 'WindowAggregate') {
      const results = project(node.columns, ofGroup([{ partition: 0, offset: 0, eventTime: 0, watermark: 0, row }]))
      row = { ...Object.fromEntries(node.groupBy.map((name) => [name, row[name]])), ...results }
    }
  }
  return Object.fromEntries(Object.entries(row).map(([name, { type }]) => [name, type]))
}
