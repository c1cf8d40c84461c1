import fc from 'fast-check'
import type { Expression, FunctionName } from '#language/expressions/expression.ts'
import type { AppPlan, NamedExpression, OutputMode, OutputNode, RelationNode, SourceNode } from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import type { Window } from '#language/windows/window.ts'

/**
 * Random plans that are right: chains of nodes, and expressions that have the type their place asks for. Each kind has one
 * type here; decimals are small enough that no arithmetic on two of them passes 18 digits.
 */
const DECIMAL: FieldType = { kind: 'decimal', precision: 7, scale: 2 }
type Kind = Exclude<FieldType['kind'], 'decimal'> | 'decimal'

const typeOfKind = (kind: Kind): FieldType => (kind === 'decimal' ? DECIMAL : { kind })
const KINDS: readonly Kind[] = [
  'string',
  'int',
  'long',
  'float',
  'double',
  'boolean',
  'decimal',
  'timestamp',
  'date',
  'uuid',
]
const NUMBERS: readonly Kind[] = ['int', 'long', 'double', 'decimal']
const GROUPABLE = KINDS.filter((kind) => kind !== 'float' && kind !== 'double')
/** A stream has one field of each kind, named after it. */
const fieldOf = (kind: Kind): string => `a_${kind}`

const ZONES = ['UTC', 'America/Chicago', 'Asia/Kolkata'] as const
const DURATION_MS = fc.integer({ min: 1, max: 400 * 86_400_000 })

/** Objects with the usual prototype, as plans have. */
const record = <T extends object>(parts: { readonly [N in keyof T]: fc.Arbitrary<T[N]> }): fc.Arbitrary<T> =>
  fc.record<T>(parts as { [N in keyof T]: fc.Arbitrary<T[N]> }, { noNullPrototype: true }) as fc.Arbitrary<T>

const field = (kind: Kind): Expression => ({ kind: 'Field', name: fieldOf(kind) })
const call = (name: FunctionName, ...operands: Expression[]): Expression => ({
  kind: 'Call',
  function: name,
  arguments: operands,
})
const castTo = (kind: Kind, argument: Expression): Expression => ({ kind: 'Cast', type: typeOfKind(kind), argument })

const LITERAL_VALUES: { readonly [K in Kind]: fc.Arbitrary<string | number | boolean> } = {
  string: fc.string({ unit: 'grapheme', maxLength: 8 }),
  int: fc.integer(),
  long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  float: fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0),
  // JSON has no -0.
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
  boolean: fc.boolean(),
  decimal: fc.integer({ min: -9_999_999, max: 9_999_999 }).map((cents) => (cents / 100).toFixed(2)),
  timestamp: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
  date: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10)),
  uuid: fc.uuid(),
}

const literal = (kind: Kind): fc.Arbitrary<Expression> =>
  fc.option(LITERAL_VALUES[kind], { freq: 6 }).map((value) => ({ kind: 'Literal', type: typeOfKind(kind), value }))

/** Everything of a kind that is one step larger than its parts, which `of` makes. */
type Grown = (of: (kind: Kind) => fc.Arbitrary<Expression>) => readonly fc.Arbitrary<Expression>[]

const apply = (
  of: (kind: Kind) => fc.Arbitrary<Expression>,
  name: FunctionName,
  ...kinds: Kind[]
): fc.Arbitrary<Expression> => fc.tuple(...kinds.map(of)).map((operands) => call(name, ...operands))
const oneOf = <T extends string>(...names: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...names)

const comparison: Grown = (of) => [
  fc
    .tuple(oneOf('equal', 'notEqual', 'less', 'lessOrEqual', 'greater', 'greaterOrEqual'), oneOf(...KINDS))
    .chain(([name, kind]) => apply(of, name, kind, kind)),
  fc.tuple(oneOf('isNull', 'isNotNull'), oneOf(...KINDS)).chain(([name, kind]) => apply(of, name, kind)),
]

const arithmetic =
  (kind: Kind): Grown =>
  (of) => [
    oneOf('add', 'subtract', 'multiply', 'modulo').chain((name) => apply(of, name, kind, kind)),
    oneOf('negate', 'abs').chain((name) => apply(of, name, kind)),
  ]

const timePart: Grown = (of) => [
  fc
    .tuple(oneOf('year', 'month', 'dayOfMonth', 'hour', 'minute', 'dayOfWeek'), of('timestamp'), oneOf(...ZONES))
    .map(([name, time, zone]) => call(name, time, { kind: 'Literal', type: { kind: 'string' }, value: zone })),
]

const rounded: Grown = (of) => [
  fc
    .tuple(of('double'), fc.integer({ min: 0, max: 18 }))
    .map(([value, digits]) => call('round', value, { kind: 'Literal', type: { kind: 'int' }, value: digits })),
]

const GROWN: { readonly [K in Kind]: Grown } = {
  string: (of) => [
    oneOf('lower', 'upper', 'trim').chain((name) => apply(of, name, 'string')),
    apply(of, 'substring', 'string', 'int', 'int'),
    apply(of, 'concat', 'string', 'string', 'string'),
    oneOf(...KINDS).chain((kind) => of(kind).map((argument) => castTo('string', argument))),
  ],
  int: (of) => [...arithmetic('int')(of), ...timePart(of), apply(of, 'length', 'string')],
  long: (of) => [...arithmetic('long')(of), oneOf('floor', 'ceil').chain((name) => apply(of, name, 'double'))],
  float: (of) => [of('double').map((argument) => castTo('float', argument))],
  double: (of) => [...arithmetic('double')(of), ...rounded(of), apply(of, 'divide', 'decimal', 'int')],
  boolean: (of) => [
    ...comparison(of),
    oneOf('and', 'or').chain((name) => apply(of, name, 'boolean', 'boolean')),
    apply(of, 'not', 'boolean'),
    oneOf('contains', 'startsWith', 'endsWith').chain((name) => apply(of, name, 'string', 'string')),
  ],
  decimal: (of) => arithmetic('decimal')(of).map((made) => made.map((argument) => castTo('decimal', argument))),
  timestamp: (of) => [of('long').map((argument) => castTo('timestamp', argument))],
  date: (of) => [of('timestamp').map((argument) => castTo('date', argument))],
  uuid: (of) => [of('string').map((argument) => castTo('uuid', argument))],
}

/** An expression of this kind over what `leaf` makes. */
function expressionOf(
  kind: Kind,
  depth: number,
  leaf: (kind: Kind) => fc.Arbitrary<Expression>,
): fc.Arbitrary<Expression> {
  if (depth === 0) return fc.oneof(leaf(kind), literal(kind))
  const of = (inner: Kind): fc.Arbitrary<Expression> => expressionOf(inner, depth - 1, leaf)
  const choice = fc
    .tuple(of('boolean'), of(kind), fc.option(of(kind)))
    .map(([when, then, otherwise]): Expression => ({ kind: 'Case', branches: [{ when, then }], otherwise }))
  return fc.oneof(leaf(kind), literal(kind), choice, apply(of, 'coalesce', kind, kind), ...GROWN[kind](of))
}

const overRecords = (kind: Kind, depth = 2): fc.Arbitrary<Expression> =>
  expressionOf(kind, depth, (leaf) => fc.constant(field(leaf)))

const aggregateCall: fc.Arbitrary<Expression> = fc.oneof(
  fc.constant<Expression>({ kind: 'Aggregate', function: 'count', argument: null }),
  overRecords('boolean', 1).map((argument): Expression => ({ kind: 'Aggregate', function: 'countIf', argument })),
  ...(['sum', 'avg', 'min', 'max', 'first', 'last'] as const).map((name) =>
    oneOf(...NUMBERS)
      .chain((kind) => overRecords(kind, 1))
      .map((argument): Expression => ({ kind: 'Aggregate', function: name, argument })),
  ),
)

const overAggregates: fc.Arbitrary<Expression> = fc.oneof(
  aggregateCall,
  fc.tuple(aggregateCall, aggregateCall).map((operands) => call('divide', ...operands)),
  aggregateCall.map((argument) => castTo('double', argument)),
)

const named = (expressions: readonly Expression[]): readonly NamedExpression[] =>
  expressions.map((expression, i) => ({ name: `result_${i}`, expression }))

const windows: fc.Arbitrary<Window> = fc.oneof(
  record({ kind: fc.constant('tumbling' as const), sizeMs: DURATION_MS, offsetMs: DURATION_MS }),
  fc.tuple(DURATION_MS, DURATION_MS, DURATION_MS).map(
    ([a, b, offsetMs]): Window => ({
      kind: 'sliding',
      sizeMs: Math.max(a, b),
      // A record is in at most 10,000 windows.
      slideMs: Math.max(Math.min(a, b), Math.ceil(Math.max(a, b) / 10_000)),
      offsetMs,
    }),
  ),
  record({ kind: fc.constant('session' as const), gapMs: DURATION_MS }),
  record({
    kind: fc.constant('calendar' as const),
    unit: fc.constantFrom('day', 'week', 'month', 'quarter', 'year'),
    timeZone: oneOf(...ZONES),
  }),
)

const sourceOf = (stream: string): fc.Arbitrary<SourceNode> =>
  record({
    kind: fc.constant('Source' as const),
    stream: fc.constant(stream),
    schema: fc.constant({
      name: 'everything',
      fields: [
        { name: 'at', type: { kind: 'timestamp' as const }, nullable: false },
        ...KINDS.map((kind) => ({ name: fieldOf(kind), type: typeOfKind(kind), nullable: true })),
      ],
    }),
    eventTime: fc.constant('at'),
    watermarkDelayMs: fc.option(DURATION_MS, { freq: 3 }),
    maxFutureSkewMs: fc.option(DURATION_MS),
    timeZone: oneOf(...ZONES),
    badRecords: fc.constantFrom('dead-letter', 'skip', 'fail'),
  })

/** Nodes that leave every field in place, one behind the other. */
const steps: fc.Arbitrary<(input: RelationNode) => RelationNode> = fc.oneof(
  overRecords('boolean').map(
    (predicate) =>
      (input: RelationNode): RelationNode => ({ kind: 'Filter', input, predicate }),
  ),
  fc.subarray([...GROUPABLE], { minLength: 1 }).map(
    (kinds) =>
      (input: RelationNode): RelationNode => ({ kind: 'Deduplicate', input, keys: kinds.map(fieldOf) }),
  ),
  fc.tuple(...KINDS.map((kind) => overRecords(kind, 1))).map(
    (made) =>
      (input: RelationNode): RelationNode => ({
        kind: 'Project',
        input,
        columns: KINDS.map((kind, i) => ({ name: fieldOf(kind), expression: made[i]! })),
      }),
  ),
)

const aggregation: fc.Arbitrary<(input: RelationNode) => RelationNode> = fc
  .tuple(windows, fc.subarray([...GROUPABLE]), fc.array(overAggregates, { minLength: 1, maxLength: 3 }))
  .map(
    ([window, kinds, expressions]) =>
      (input: RelationNode): RelationNode => ({
        kind: 'WindowAggregate',
        input,
        window,
        groupBy: kinds.map(fieldOf),
        columns: named(expressions),
      }),
  )

/** The modes in which this relation can come out (semantics 5). */
function modesOf(input: RelationNode, source: SourceNode): readonly OutputMode[] {
  if (input.kind !== 'WindowAggregate') return ['append']
  const append: readonly OutputMode[] = source.watermarkDelayMs === null ? [] : ['append']
  return input.window.kind === 'session' ? append : [...append, 'update', 'complete']
}

const deduplicates = (node: RelationNode): boolean =>
  node.kind === 'Deduplicate' || (node.kind !== 'Source' && deduplicates(node.input))

const outputs = (stream: string): fc.Arbitrary<OutputNode> =>
  fc
    .tuple(sourceOf(stream), fc.array(steps, { maxLength: 3 }), fc.option(aggregation, { freq: 4 }))
    .map(([source, before, aggregate]) => ({
      source,
      input: [...before, ...(aggregate === null ? [] : [aggregate])].reduce<RelationNode>(
        (node, next) => next(node),
        source,
      ),
    }))
    .filter(({ source, input }) => modesOf(input, source).length > 0)
    .filter(({ source, input }) => source.watermarkDelayMs !== null || !deduplicates(input))
    .chain(({ source, input }) =>
      fc
        .tuple(fc.constantFrom(...modesOf(input, source)), fc.option(DURATION_MS))
        .map(([mode, keepMs]) => ({ kind: 'Output', input, mode, keepMs: mode === 'complete' ? keepMs : null })),
    )

export const arbitraryPlan: fc.Arbitrary<AppPlan> = fc
  .tuple(
    fc
      .integer({ min: 1, max: 3 })
      .chain((queries) => fc.tuple(...Array.from({ length: queries }, (_, i) => outputs(`stream_${i}`)))),
    oneOf(...ZONES),
  )
  .map(([made, timeZone]) => ({
    formatVersion: 1,
    name: 'random',
    timeZone,
    queries: made.map((output, i) => ({ name: `query_${i}`, table: `table_${i}`, output })),
  }))
