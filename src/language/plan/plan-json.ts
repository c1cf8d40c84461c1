import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { aggregates } from '../aggregates/registry.ts'
import type { Expression } from '../expressions/expression.ts'
import { functionNames } from '../expressions/type-of.ts'
import { decimalType, type FieldType, SUM_PRECISION_MAX, type TypeKind } from '../schemas/field-types.ts'
import type { Window } from '../windows/window.ts'
import { checkApp } from './check-plan.ts'
import type { AppPlan, NamedExpression, OutputNode, PlanNode, QueryPlan, RelationNode } from './plan.ts'

/**
 * Plans as JSON. Writing is `JSON.stringify`: a plan is plain data. Reading checks every part, since a plan may come from
 * anywhere: first its shape (MSB_PLAN_MALFORMED), then its meaning (MSB_QUERY_INVALID, in the builder's words).
 */
export const planToJson = (plan: AppPlan, indent?: number): string => JSON.stringify(plan, null, indent)

export function planFromJson(text: string): AppPlan {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw new MysimbdpError('MSB_PLAN_MALFORMED', `the plan is no JSON: ${(cause as Error).message}`, { cause })
  }
  const plan = readApp(new Reader(document, 'plan'))
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

/** A place in a document of unknown shape; every question about it either answers or says where the document is wrong. */
class Reader {
  readonly #value: unknown
  readonly #path: string

  constructor(value: unknown, path: string) {
    this.#value = value
    this.#path = path
  }

  refuse(expected: string): never {
    throw new MysimbdpError(
      'MSB_PLAN_MALFORMED',
      `${this.#path} must be ${expected}, and is ${JSON.stringify(this.#value) ?? 'absent'}`.slice(0, 300),
    )
  }

  get(name: string): Reader {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) this.refuse('an object')
    return new Reader((this.#value as Record<string, unknown>)[name], `${this.#path}.${name}`)
  }

  items<T>(read: (item: Reader) => T): readonly T[] {
    return Array.isArray(this.#value)
      ? this.#value.map((item, i) => read(new Reader(item, `${this.#path}[${i}]`)))
      : this.refuse('a list')
  }

  text(): string {
    return typeof this.#value === 'string' ? this.#value : this.refuse('a text')
  }

  whole(): number {
    return Number.isSafeInteger(this.#value) ? (this.#value as number) : this.refuse('a whole number')
  }

  truth(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.refuse('true or false')
  }

  orNull<T>(read: (value: Reader) => T): T | null {
    return this.#value === null ? null : read(this)
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    return choices.includes(this.#value as T) ? (this.#value as T) : this.refuse(`one of ${choices.join(', ')}`)
  }

  scalar(): string | number | boolean | null {
    const scalar = this.#value === null || ['string', 'number', 'boolean'].includes(typeof this.#value)
    return scalar ? (this.#value as string | number | boolean | null) : this.refuse('a text, number, boolean or null')
  }
}

function readApp(app: Reader): AppPlan {
  if (app.get('formatVersion').whole() !== 1) app.get('formatVersion').refuse('1, the version this platform reads')
  return {
    formatVersion: 1,
    name: app.get('name').text(),
    timeZone: app.get('timeZone').text(),
    queries: app.get('queries').items(readQuery),
  }
}

const readQuery = (query: Reader): QueryPlan => ({
  name: query.get('name').text(),
  table: query.get('table').text(),
  output: readNode(query.get('output'), ['Output']) as OutputNode,
})

type NodeReaders = { readonly [K in PlanNode['kind']]: (node: Reader) => Extract<PlanNode, { kind: K }> }

const RELATIONS = ['Source', 'Filter', 'Project', 'Deduplicate', 'WindowAggregate'] as const

const input = (node: Reader): RelationNode => readNode(node.get('input'), RELATIONS) as RelationNode

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

const readNode = (node: Reader, kinds: readonly PlanNode['kind'][]): PlanNode =>
  nodeReaders[node.get('kind').oneOf(kinds)](node)

const readColumn = (column: Reader): NamedExpression => ({
  name: column.get('name').text(),
  expression: readExpression(column.get('expression')),
})

const windowReaders: { readonly [K in Window['kind']]: (window: Reader) => Extract<Window, { kind: K }> } = {
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

const readWindow = (window: Reader): Window =>
  windowReaders[window.get('kind').oneOf(['tumbling', 'sliding', 'session', 'calendar'])](window)

const expressionReaders: {
  readonly [K in Expression['kind']]: (expression: Reader) => Extract<Expression, { kind: K }>
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

function readExpression(expression: Reader): Expression {
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

function readType(type: Reader): FieldType {
  const kind = type.get('kind').oneOf([...PLAIN_KINDS, 'decimal'])
  return kind === 'decimal'
    ? decimalType(type.get('precision').whole(), type.get('scale').whole(), SUM_PRECISION_MAX)
    : { kind }
}
