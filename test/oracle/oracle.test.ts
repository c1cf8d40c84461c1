import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { aggregates } from '#language/aggregates/registry.ts'
import { functionNames } from '#language/expressions/type-of.ts'
import { compareWithExpected } from '../support/expected-results.ts'
import { loadScenario, type Scenario, scenarioNames } from '../support/scenario.ts'
import { evaluate } from './oracle.ts'
import { RecordRejected } from './read-stream.ts'

function differencesOf(scenario: Scenario): readonly string[] {
  const actual = evaluate(scenario.plan, scenario.inputs, { end: scenario.end })
  return compareWithExpected(actual, scenario.expected)
}

function assertFailure(scenario: Scenario): void {
  try {
    differencesOf(scenario)
  } catch (error) {
    if (!(error instanceof RecordRejected)) throw error
    const { stream, partition, offset, code } = error
    assert.deepEqual({ stream, partition, offset, code }, scenario.expected.failure)
    return
  }
  assert.fail('the job should have stopped')
}

describe('the oracle gives what the rules say', () => {
  for (const name of scenarioNames()) {
    it(name, async () => {
      const scenario = await loadScenario(name)
      if (scenario.gaps.oracle !== undefined) assert.throws(() => differencesOf(scenario), /^Error: unsupported/)
      else if (scenario.expected.failure !== null) assertFailure(scenario)
      else assert.deepEqual(differencesOf(scenario), [])
    })
  }
})

it('shares no code with the product: it imports only types', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const imports = files.flatMap((name) => read(name).match(/^(import|export) (?!type )[^']* from '[^']*'/gm) ?? [])
  const shared = imports.filter((line) => !/ from '\.\/[a-z-]+\.ts'$/.test(line))
  assert.deepEqual(shared, [])
})

/** Rules that are not about single records of a stream; the README says where they are proved. */
const ELSEWHERE = ['1.6', '1.9']
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

describe('the corpus covers the rules', async () => {
  const semantics = read('../../docs/reference/semantics.md')
  const known = [...semantics.matchAll(/^(\d\.\d) /gm)].map(([, rule]) => rule)
  const scenarios = await Promise.all(scenarioNames().map(loadScenario))

  for (const rule of known.filter((name) => name < '7' && !ELSEWHERE.includes(name))) {
    it(`rule ${rule} has a scenario`, () => {
      assert.ok(scenarios.some((scenario) => scenario.rules.includes(rule)))
    })
  }

  it('names rules that exist', () => {
    const unknown = scenarios.filter(({ rules }) => rules.length === 0 || rules.some((rule) => !known.includes(rule)))
    assert.deepEqual(
      unknown.map(({ name }) => name),
      [],
    )
  })

  it('uses every function, aggregate and window', () => {
    const plans = JSON.stringify(scenarios.map(({ plan }) => plan))
    const names = [...functionNames, ...Object.keys(aggregates)].map((name) => `"function":"${name}"`)
    const windows = ['tumbling', 'sliding', 'session', 'calendar'].map((kind) => `"window":{"kind":"${kind}"`)
    const missing = [...names, ...windows].filter((part) => !plans.includes(part))
    assert.deepEqual(missing, [])
  })

  it('has a README with each rule and its scenarios', () => {
    const rows = read('../scenarios/README.md').matchAll(/^\| (\d\.\d) \|.*\| (.*) \|$/gm)
    const documented = Object.fromEntries([...rows].map(([, rule, names]) => [rule, names]))
    const proved = known.map((rule) => ({ rule, by: scenarios.filter(({ rules }) => rules.includes(rule)) }))
    const wanted = proved
      .filter(({ by }) => by.length > 0)
      .map(({ rule, by }) => [rule, by.map(({ name }) => `\`${name}\``).join(', ')])
    assert.deepEqual(documented, Object.fromEntries(wanted))
  })
})
