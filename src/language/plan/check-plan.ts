import { zoneRules } from '#foundation/time/zone.ts'
import { aggregates } from '../aggregates/registry.ts'
import type { AggregateCall, Expression } from '../expressions/expression.ts'
import { refuse, type TypeScope, typeOf } from '../expressions/type-of.ts'
import {
  DECIMAL_PRECISION_MAX,
  type FieldType,
  isGroupable,
  SUM_PRECISION_MAX,
  typeName,
} from '../schemas/field-types.ts'
import { createSchema, isIdentifier } from '../schemas/schema.ts'
import type { Window } from '../windows/window.ts'
import type { AppPlan, NamedExpression, OutputNode, PlanNode, SourceNode, WindowAggregateNode } from './plan.ts'
import { nodesOf, sourceOf } from './plan.ts'

/** Windows a record may be in: each costs a row whenever it changes. */
const WINDOWS_MAX = 10_000

/** The columns of a relation, in order. */
export type Columns = ReadonlyMap<string, FieldType>

/** @throws MSB_QUERY_INVALID: the same rules, in the same words, that the typed builder checks when it compiles */
export function checkApp(plan: AppPlan): void {
  zoneRules(plan.timeZone)
  if (!isIdentifier(plan.name))
    refuse(`'${plan.name}' is no app name: letters, digits and _ only, no digit first, at most 100`)
  if (plan.queries.length === 0) refuse(`app '${plan.name}' has no queries`)
  const names = new Set<string>()
  const tables = new Map<string, string>()
  const streams = new Map<string, SourceNode>()
  for (const query of plan.queries) {
    if (!isIdentifier(query.name))
      refuse(`'${query.name}' is no query name: letters, digits and _ only, no digit first, at most 100`)
    if (!isIdentifier(query.table))
      refuse(`'${query.table}' is no table name: letters, digits and _ only, no digit first, at most 100`)
    if (names.has(query.name)) refuse(`there are two queries '${query.name}'`)
    names.add(query.name)
    const taken = tables.get(query.table)
    if (taken !== undefined)
      refuse(
        `queries '${taken}' and '${query.name}' both write table '${query.table}'; name one with output(mode, { table })`,
      )
    tables.set(query.table, query.name)
    checkQuery(query.name, query.output)
    checkSameStream(streams, sourceOf(query.output))
  }
}

function checkSameStream(streams: Map<string, SourceNode>, source: SourceNode): void {
  const known = streams.get(source.stream)
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(source)) {
    refuse(`stream '${source.stream}' is defined in two ways; define it once and use it in each query`)
  }
  streams.set(source.stream, source)
}

function checkQuery(name: string, output: OutputNode): void {
  const nodes = nodesOf(output)
  const windows = nodes.filter((node) => node.kind === 'WindowAggregate').length
  if (windows > 1) refuse(`query '${name}' has ${windows} windows; a query has one`)
  if (windows === 1 && nodes.at(-2)?.kind !== 'WindowAggregate')
    refuse(`query '${name}' has a step behind its window; filters and projections come before it`)
  if (nodes.some(({ kind }) => kind === 'Deduplicate') && sourceOf(output).watermarkDelayMs === null)
    refuse('deduplicate needs a watermark')
  outputColumns(output)
}

/** The columns a query's rows have after the window: group fields and result fields, or those of the last projection. */
export function outputColumns(output: OutputNode): Columns {
  let columns: Columns = new Map()
  for (const node of nodesOf(output)) columns = columnsAfter(node, columns)
  return columns
}

/** Checks one node and gives the columns behind it. `before` are the columns of its input. */
export function columnsAfter(node: PlanNode, before: Columns): Columns {
  switch (node.kind) {
    case 'Source':
      return sourceColumns(node)
    case 'Filter': {
      const type = typeOf(node.predicate, recordScope(before))
      if (type.kind !== 'boolean') refuse(`filter needs a boolean, and this is of type ${typeName(type)}`)
      return before
    }
    case 'Project':
      return projectColumns(node.columns, recordScope(before))
    case 'Deduplicate':
      checkDeduplicationKeys(node.keys, before)
      return before
    case 'WindowAggregate':
      return aggregateColumns(node, before)
    case 'Output':
      checkOutput(node)
      return before
  }
}

function checkDeduplicationKeys(keys: readonly string[], columns: Columns): void {
  if (keys.length === 0) refuse('deduplicate needs at least one key')
  for (const key of keys) {
    const type = requireField(columns, key)
    if (!isGroupable(type)) refuse(`a key of deduplicate must be exact, and '${key}' is of type ${typeName(type)}`)
  }
}

function sourceColumns(node: SourceNode): Columns {
  createSchema(node.schema.name, node.schema.fields)
  zoneRules(node.timeZone)
  if (!isIdentifier(node.stream))
    refuse(`'${node.stream}' is no stream name: letters, digits and _ only, no digit first, at most 100`)
  const field = node.schema.fields.find(({ name }) => name === node.eventTime)
  if (field === undefined) refuse(`there is no field '${node.eventTime}'`)
  if (field!.type.kind !== 'timestamp')
    refuse(`the event time must be a timestamp, and '${node.eventTime}' is of type ${typeName(field!.type)}`)
  if (field!.nullable) refuse(`the event time must have a value, and '${node.eventTime}' is nullable`)
  requireNotNegative(node.watermarkDelayMs, 'the watermark')
  requireNotNegative(node.maxFutureSkewMs, 'maxFutureSkew')
  return new Map(node.schema.fields.map(({ name, type }) => [name, type]))
}

function projectColumns(columns: readonly NamedExpression[], scope: TypeScope): Columns {
  const result = new Map<string, FieldType>()
  if (columns.length === 0) refuse('at least one column is needed')
  for (const { name, expression } of columns) {
    if (!isIdentifier(name))
      refuse(`'${name}' is no column name: letters, digits and _ only, no digit first, at most 100`)
    if (result.has(name)) refuse(`column '${name}' is there twice`)
    result.set(name, typeOf(expression, scope))
  }
  return result
}

function aggregateColumns(node: WindowAggregateNode, before: Columns): Columns {
  checkWindow(node.window)
  const groups = new Map<string, FieldType>()
  for (const name of node.groupBy) {
    const type = requireField(before, name)
    if (!isGroupable(type)) refuse(`a group key must be exact, and '${name}' is of type ${typeName(type)}`)
    if (groups.has(name)) refuse(`'${name}' is a group key twice`)
    groups.set(name, type)
  }
  const results = projectColumns(node.columns, aggregateScope(before))
  for (const name of [...groups.keys(), ...results.keys()]) {
    if (name === 'window' || (groups.has(name) && results.has(name)))
      refuse(`the name '${name}' is taken; call the result differently`)
  }
  return new Map([...groups, ...results])
}

function checkWindow(window: Window): void {
  const positive = (lengthMs: number, what: string): void => {
    if (!Number.isSafeInteger(lengthMs) || lengthMs <= 0) refuse(`${what} of a window must be at least one millisecond`)
  }
  switch (window.kind) {
    case 'tumbling':
      positive(window.sizeMs, 'the size')
      break
    case 'sliding':
      positive(window.sizeMs, 'the size')
      positive(window.slideMs, 'the slide')
      if (window.sizeMs / window.slideMs > WINDOWS_MAX)
        refuse(
          `a record would be in ${Math.ceil(window.sizeMs / window.slideMs)} windows, and ${WINDOWS_MAX} are the most; make the slide longer`,
        )
      if (window.slideMs > window.sizeMs)
        refuse('the slide of a window must not be longer than its size: records between windows would not count')
      break
    case 'session':
      positive(window.gapMs, 'the gap')
      break
    case 'calendar':
      zoneRules(window.timeZone)
      break
  }
}

function checkOutput(node: OutputNode): void {
  const source = sourceOf(node)
  const windowed = nodesOf(node).find((inner) => inner.kind === 'WindowAggregate')
  if (windowed === undefined) {
    if (node.mode !== 'append')
      refuse(`${node.mode} needs a window: without one each record is a row of its own, written once`)
    return
  }
  if (node.mode === 'append' && source.watermarkDelayMs === null) refuse('append needs a watermark')
  if (windowed.window.kind === 'session' && node.mode !== 'append')
    refuse(`a session window needs append: ${node.mode} would have to take rows back when sessions merge`)
  if (node.keepMs !== null && node.mode !== 'complete') refuse(`keep belongs to complete, and this is ${node.mode}`)
  requireNotNegative(node.keepMs, 'keep')
}

/** Durations that are written in the builder cannot be, those of a plan can. */
function requireNotNegative(lengthMs: number | null, what: string): void {
  if (lengthMs !== null && lengthMs < 0) refuse(`${what} must not be negative`)
}

export function requireField(columns: Columns, name: string): FieldType {
  return columns.get(name) ?? refuse(`there is no field '${name}'`)
}

/** Expressions over records: fields, no aggregates. */
export const recordScope = (columns: Columns): TypeScope => ({
  precisionMax: DECIMAL_PRECISION_MAX,
  field: (name) => requireField(columns, name),
  aggregate: ({ function: name }) => refuse(`${name} is an aggregate; it belongs behind a window`),
})

/** Expressions over aggregates: no bare fields. */
export const aggregateScope = (columns: Columns): TypeScope => ({
  precisionMax: SUM_PRECISION_MAX,
  field: (name) => refuse(`'${name}' is not aggregated; use first('${name}'), max('${name}') or group by it`),
  aggregate: (call) => aggregateType(call, columns),
})

export function aggregateType(call: AggregateCall, columns: Columns): FieldType {
  const argument = call.argument === null ? null : typeOf(call.argument, recordScope(columns))
  const definition = aggregates[call.function]
  const refusal = definition.refusal(argument, describe(call.argument))
  return refusal === null ? definition.resultType(argument) : refuse(refusal)
}

const describe = (argument: Expression | null): string => (argument?.kind === 'Field' ? `'${argument.name}'` : 'this')
