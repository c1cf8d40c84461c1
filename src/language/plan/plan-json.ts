import { aggregates } from '../aggregates/registry.ts'
import type { Expression } from '../expressions/expression.ts'
import { functionNames } from '../expressions/type-of.ts'
import { decimalType, type FieldType, SUM_PRECISION_MAX, type TypeKind } from '../schemas/field-types.ts'
import type { Window } from '../windows/window.ts'
import { checkApp } from './check-plan.ts'
import { DocumentReader } from './document-reader.ts'
import type { AppPlan, NamedExpression, OutputNode, PlanNode, QueryPlan, RelationNode } from './plan.ts'

/**
 * Plans as JSON. Writing is `JSON.stringify`: a plan is plain data. Reading checks every part, since a plan may come from
 * anywhere: first its shape (MSB_PLAN_MALFORMED), then its meaning (MSB_QUERY_INVALID, in the builder's words).
 */
export const planToJson = (plan: AppPlan, indent?: number): string => JSON.stringify(plan, null, indent)

export const planFromJson = (text: string): AppPlan => readPlan(DocumentReader.ofJson(text, 'plan'))

/** The plan in a larger document. */
export function readPlan(document: DocumentReader): AppPlan {
  const plan = readApp(document)
  checkApp(plan)
  return freeze(plan)
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze)
    Object.freeze(value)
  }
  return value
}

function readApp(app: DocumentReader): AppPlan {
  if (app.get('formatVersion').whole() !== 1) app.get('formatVersion').refuse('1, the version this platform reads')
  return {
    formatVersion: 1,
    name: app.get('name').text(),
    timeZone: app.get('timeZone').text(),
    queries: app.get('queries').items(readQuery),
  }
}

const readQuery = (query: DocumentReader): QueryPlan => ({
  name: query.get('name').text(),
  table: query.get('table').text(),
  output: readNode(query.get('output'), ['Output']) as OutputNode,
})

type NodeReaders = { readonly [K in PlanNode['kind']]: (node: DocumentReader) => Extract<PlanNode, { kind: K }> }

const RELATIONS = ['Source', 'Filter', 'Project', 'Deduplicate', 'WindowAggregate'] as const

const input = (node: DocumentReader): RelationNode => readNode(node.get('input'), RELATIONS) as RelationNode

const nodeReaders: NodeReaders = {
  Source: (node) => ({
    kind: 'Source',
    stream: node.get('stream').text(),
    schema: {
      name: node.get('schema').get('name').text(),
      fields: node
        .get('schema')
        .get('fields')
        .items((field) => ({
          name: field.get('name').text(),
          type: readType(field.get('type')),
          nullable: field.get('nullable').truth(),
        })),
    },
    eventTime: node.get('eventTime').text(),
    watermarkDelayMs: node.get('watermarkDelayMs').orNull((ms) => ms.whole()),
    maxFutureSkewMs: node.get('maxFutureSkewMs').orNull((ms) => ms.whole()),
    timeZone: node.get('timeZone').text(),
    badRecords: node.get('badRecords').oneOf(['dead-letter', 'skip', 'fail']),
  }),
  Filter: (node) => ({ kind: 'Filter', input: input(node), predicate: readExpression(node.get('predicate')) }),
  Project: (node) => ({ kind: 'Project', input: input(node), columns: node.get('columns').items(readColumn) }),
  Deduplicate: (node) => ({
    kind: 'Deduplicate',
    input: input(node),
    keys: node.get('keys').items((key) => key.text()),
  }),
  WindowAggregate: (node) => ({
    kind: 'WindowAggregate',
    input: input(node),
    window: readWindow(node.get('window')),
    groupBy: node.get('groupBy').items((name) => name.text()),
    columns: node.get('columns').items(readColumn),
  }),
  Output: (node) => ({
    kind: 'Output',
    input: input(node),
    mode: node.get('mode').oneOf(['append', 'update', 'complete']),
    keepMs: node.get('keepMs').orNull((ms) => ms.whole()),
  }),
}

const readNode = (node: DocumentReader, kinds: readonly PlanNode['kind'][]): PlanNode =>
  nodeReaders[node.get('kind').oneOf(kinds)](node)

const readColumn = (column: DocumentReader): NamedExpression => ({
  name: column.get('name').text(),
  expression: readExpression(column.get('expression')),
})

const windowReaders: { readonly [K in Window['kind']]: (window: DocumentReader) => Extract<Window, { kind: K }> } = {
  tumbling: (window) => ({
    kind: 'tumbling',
    sizeMs: window.get('sizeMs').whole(),
    offsetMs: window.get('offsetMs').whole(),
  }),
  sliding: (window) => ({
    kind: 'sliding',
    sizeMs: window.get('sizeMs').whole(),
    slideMs: window.get('slideMs').whole(),
    offsetMs: window.get('offsetMs').whole(),
  }),
  session: (window) => ({ kind: 'session', gapMs: window.get('gapMs').whole() }),
  calendar: (window) => ({
    kind: 'calendar',
    unit: window.get('unit').oneOf(['day', 'week', 'month', 'quarter', 'year']),
    timeZone: window.get('timeZone').text(),
  }),
}

const readWindow = (window: DocumentReader): Window =>
  windowReaders[window.get('kind').oneOf(['tumbling', 'sliding', 'session', 'calendar'])](window)

const expressionReaders: {
  readonly [K in Expression['kind']]: (expression: DocumentReader) => Extract<Expression, { kind: K }>
} = {
  Field: (expression) => ({ kind: 'Field', name: expression.get('name').text() }),
  Literal: (expression) => ({
    kind: 'Literal',
    type: readType(expression.get('type')),
    value: expression.get('value').scalar(),
  }),
  Call: (expression) => ({
    kind: 'Call',
    function: expression.get('function').oneOf(functionNames),
    arguments: expression.get('arguments').items(readExpression),
  }),
  Cast: (expression) => ({
    kind: 'Cast',
    type: readType(expression.get('type')),
    argument: readExpression(expression.get('argument')),
  }),
  Case: (expression) => ({
    kind: 'Case',
    branches: expression
      .get('branches')
      // biome-ignore lint/suspicious/noThenProperty: a branch of the plan is called that
      .items((branch) => ({ when: readExpression(branch.get('when')), then: readExpression(branch.get('then')) })),
    otherwise: expression.get('otherwise').orNull(readExpression),
  }),
  Aggregate: (expression) => ({
    kind: 'Aggregate',
    function: expression.get('function').oneOf(Object.keys(aggregates) as (keyof typeof aggregates)[]),
    argument: expression.get('argument').orNull(readExpression),
  }),
}

function readExpression(expression: DocumentReader): Expression {
  return expressionReaders[expression.get('kind').oneOf(['Field', 'Literal', 'Call', 'Cast', 'Case', 'Aggregate'])](
    expression,
  )
}

const PLAIN_KINDS = [
  'string',
  'int',
  'long',
  'float',
  'double',
  'boolean',
  'timestamp',
  'date',
  'uuid',
] as const satisfies readonly TypeKind[]

function readType(type: DocumentReader): FieldType {
  const kind = type.get('kind').oneOf([...PLAIN_KINDS, 'decimal'])
  return kind === 'decimal'
    ? decimalType(type.get('precision').whole(), type.get('scale').whole(), SUM_PRECISION_MAX)
    : { kind }
}
