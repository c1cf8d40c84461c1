import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { app, count, tumbling } from 'mysimbdp'
import { planFromJson, planToJson } from '#language/plan/plan-json.ts'
import goodProgram from './cases/good-program.ts'
import { trips } from './cases/trips.fixture.ts'
import { readWrongCases } from './wrong-cases.ts'

/** A plan as JSON that a test spoils: parts are reached by name, whatever they are. */
class Part {
  readonly #value: Record<string, unknown>

  constructor(value: unknown) {
    this.#value = value as Record<string, unknown>
  }

  at(...path: readonly (string | number)[]): Part {
    return path.reduce<Part>((part, name) => new Part(part.#value[name]), this)
  }

  get value(): unknown {
    return this.#value
  }

  set(name: string | number, value: unknown): void {
    assert.ok(name in this.#value, `the good plan has no ${name}`)
    this.#value[name] = value
  }
}

const field = (name: string): unknown => ({ kind: 'Field', name })
const call = (name: string, ...operands: unknown[]): unknown => ({ kind: 'Call', function: name, arguments: operands })
const one: unknown = { kind: 'Literal', type: { kind: 'int' }, value: 1 }

const [TAKINGS, DAILY, SHIFTS, LONG] = [0, 1, 2, 3] as const
const output = (plan: Part, query: number): Part => plan.at('queries', query, 'output')
const aggregation = (plan: Part): Part => output(plan, TAKINGS).at('input')
const deduplication = (plan: Part): Part => output(plan, SHIFTS).at('input', 'input')
/** Makes the first result field of `takings` an aggregate of a field. */
const aggregateOf = (aggregate: string, name: string) => (plan: Part) =>
  aggregation(plan)
    .at('columns', 0)
    .set('expression', { kind: 'Aggregate', function: aggregate, argument: field(name) })
const filterBy = (predicate: unknown) => (plan: Part) => aggregation(plan).at('input').set('predicate', predicate)
/** Makes the first column of `long` an expression. */
const select = (expression: unknown) => (plan: Part) =>
  output(plan, LONG).at('input', 'input', 'columns', 0).set('expression', expression)
/** The good plan, `takings` in another mode with `keep`. */
const keepOn = (mode: string) => (plan: Part) => {
  output(plan, TAKINGS).set('mode', mode)
  output(plan, TAKINGS).set('keepMs', 86_400_000)
}

const spoilings: Readonly<Record<string, (plan: Part) => void>> = {
  'sum-of-an-unknown-field': aggregateOf('sum', 'fair'),
  'first-of-an-unknown-field': aggregateOf('first', 'firm'),
  'group-by-an-unknown-field': (plan) => aggregation(plan).set('groupBy', ['firm']),
  'group-by-a-double': (plan) => aggregation(plan).set('groupBy', ['miles']),
  'sum-of-a-string': aggregateOf('sum', 'company'),
  'avg-of-a-boolean': aggregateOf('avg', 'shared'),
  'min-of-a-boolean': aggregateOf('min', 'shared'),
  'append-without-watermark': (plan) => {
    output(plan, DAILY).set('mode', 'append')
    output(plan, DAILY).set('keepMs', null)
  },
  'deduplicate-by-a-double': (plan) => deduplication(plan).set('keys', ['miles']),
  'deduplicate-by-an-unknown-field': (plan) => deduplication(plan).set('keys', ['firm']),
  'deduplicate-without-watermark': (plan) => {
    const source = output(plan, DAILY).at('input', 'input')
    output(plan, DAILY)
      .at('input')
      .set('input', { kind: 'Deduplicate', input: source.value, keys: ['company'] })
  },
  'session-with-update': (plan) => output(plan, SHIFTS).set('mode', 'update'),
  'keep-on-append': keepOn('append'),
  'keep-on-update': keepOn('update'),
  'filter-by-an-unknown-field': filterBy(call('greater', field('fair'), one)),
  'filter-by-a-number': filterBy(field('passengers')),
  'select-of-an-unknown-field': select(field('firm')),
  'arithmetic-on-a-string': select(call('add', field('company'), one)),
  'length-of-a-number': select(call('length', field('passengers'))),
  'update-without-a-window': (plan) => output(plan, LONG).set('mode', 'update'),
  'event-time-of-an-unknown-field': (plan) => aggregation(plan).at('input', 'input').set('eventTime', 'time'),
}

function refuses(spoil: (plan: Part) => void, sentence: string): void {
  const document: unknown = JSON.parse(planToJson(goodProgram.plan))
  spoil(new Part(document))
  assert.throws(() => planFromJson(JSON.stringify(document)), { code: 'MSB_QUERY_INVALID', message: sentence })
}

describe('a plan that comes as JSON is refused in the words of the type checker', () => {
  const cases = readWrongCases()

  it('unless it is good', () => {
    assert.deepEqual(planFromJson(planToJson(goodProgram.plan)), goodProgram.plan)
  })

  it('for every case', () => {
    assert.deepEqual(Object.keys(spoilings).sort(), cases.map(({ name }) => name).sort())
  })

  for (const { name, sentence } of cases) {
    it(name.replaceAll('-', ' '), () => refuses(spoilings[name]!, sentence))
  }
})

describe('what types do not see is refused when the app is built, in the words of a plan', () => {
  it('comparing types that do not compare', () => {
    const sentence = 'equal compares string with int'
    const build = (): unknown =>
      app(
        'cases',
        { timeZone: 'UTC' },
        {
          takings: trips
            .filter((row) => row.company.equal(1))
            .window(tumbling('5 seconds'))
            .aggregate({ trips: count() })
            .output('append'),
        },
      )
    assert.throws(build, { code: 'MSB_QUERY_INVALID', message: sentence })
    refuses(filterBy(call('equal', field('company'), one)), sentence)
  })

  it('two queries with one table', () => {
    const sentence = `queries 'takings' and 'other' both write table 'takings'; name one with output(mode, { table })`
    const query = trips.window(tumbling('5 seconds')).aggregate({ trips: count() })
    const build = (): unknown =>
      app(
        'cases',
        { timeZone: 'UTC' },
        { takings: query.output('append'), other: query.output('append', { table: 'takings' }) },
      )
    assert.throws(build, { code: 'MSB_QUERY_INVALID', message: sentence })
    refuses((plan) => {
      plan.at('queries', DAILY).set('name', 'other')
      plan.at('queries', DAILY).set('table', 'takings')
    }, sentence)
  })
})

describe('what the builder cannot write is refused in a plan', () => {
  it('two queries of one name: they would share their state', () => {
    refuses((plan) => plan.at('queries', DAILY).set('name', 'takings'), "there are two queries 'takings'")
  })

  it('more windows for a record than anybody can want', () => {
    const window = { kind: 'sliding', sizeMs: 86_400_000, slideMs: 1, offsetMs: 0 }
    refuses(
      (plan) => aggregation(plan).set('window', window),
      'a record would be in 86400000 windows, and 10000 are the most; make the slide longer',
    )
  })

  it('deduplication without a key', () => {
    refuses((plan) => deduplication(plan).set('keys', []), 'deduplicate needs at least one key')
  })

  it('negative durations', () => {
    const source = (plan: Part): Part => aggregation(plan).at('input', 'input')
    refuses((plan) => output(plan, DAILY).set('keepMs', -1), 'keep must not be negative')
    for (const [name, what] of [
      ['watermarkDelayMs', 'the watermark'],
      ['maxFutureSkewMs', 'maxFutureSkew'],
    ] as const)
      refuses((plan) => source(plan).set(name, -1), `${what} must not be negative`)
  })
})
