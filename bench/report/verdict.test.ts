import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Figure, Report } from './figure.ts'
import { isGood, reportText } from './report-text.ts'
import { figure, report } from './test-report.fixture.ts'
import { judge, machineFactor } from './verdict.ts'

const yardstick = (value: number): Figure => figure('duckdb.one-core.total', [value])
const verdictOf = (id: string, value: number, changes: Partial<Report> = {}, ...others: Figure[]): string => {
  const better = id.endsWith('rate') || id.endsWith('ratio') ? 'higher' : 'lower'
  const judged = judge(report([...others, figure(id, [value], { better })], changes))
  return judged.find((one) => one.figure.id === id)!.verdict
}

test('a target of CPU is as hard as DuckDB says this machine is', () => {
  const figures = [yardstick(2.68), figure('full-path.one-core.cpu', [2.8])]
  assert.equal(machineFactor(report(figures)), 2)
  assert.equal(judge(report(figures))[1]!.limit, 2.8)
  assert.equal(verdictOf('full-path.one-core.cpu', 2.8, {}, yardstick(2.68)), 'pass')
  assert.equal(verdictOf('full-path.one-core.cpu', 2.9, {}, yardstick(2.68)), 'miss')
})

test('a target of speed is lower on a slower machine', () => {
  assert.equal(verdictOf('full-path.two-cores.rate', 325_000, {}, yardstick(2.68)), 'pass')
  assert.equal(verdictOf('full-path.two-cores.rate', 324_000, {}, yardstick(2.68)), 'miss')
})

test('a ratio to DuckDB and a limit of memory are not scaled', () => {
  assert.equal(verdictOf('in-memory.one-core.cpu-ratio', 2.9, {}, yardstick(2.68)), 'miss')
  assert.equal(verdictOf('in-memory.one-core.cpu-ratio', 3, {}, yardstick(2.68)), 'pass')
  assert.equal(verdictOf('http.rss', 201, {}, yardstick(2.68)), 'miss')
})

test('wall figures decide on an idle machine only, CPU and memory always', () => {
  const busy = { othersShare: { atStart: 0, during: 0.3 } }
  assert.equal(verdictOf('start.first-result', 9, busy), 'undecided')
  assert.equal(verdictOf('start.first-result', 9, { othersShare: { atStart: 0.01, during: 0.03 } }), 'miss')
  assert.equal(verdictOf('http.rss', 201, busy), 'miss')
})

test('what has no target is no miss, and the quick bench has bounds of its own', () => {
  assert.equal(verdictOf('bytewax.one-core.cpu', 99), 'none')
  assert.equal(verdictOf('full-path.one-core.cpu', 99, { mode: 'quick' }), 'none')
  assert.equal(verdictOf('full-path.one-core.total-ratio', 0.01, { mode: 'quick' }), 'miss')
})

test('a bench ends well only with every row right, nothing failed and no target missed', () => {
  const comparison = { expected: 2, equal: 2, different: 0, missing: 0, unexpected: 0, example: null }
  const check = { title: 'a', lateness: 'per-window', records: 10, comparison } as const
  const wrong = { ...check, comparison: { ...comparison, equal: 1, different: 1, example: 'expected 1, found 2' } }
  assert.ok(isGood(report([], { checks: [check] })))
  assert.ok(!isGood(report([], { checks: [check, wrong] })))
  assert.ok(!isGood(report([], { checks: [{ ...check, comparison: { ...comparison, unexpected: 1 } }] })))
  assert.ok(!isGood(report([figure('http.rss', [900])])))
  assert.ok(!isGood(report([], { notMeasured: [{ title: 'http', reason: 'it broke', failed: true }] })))
  assert.ok(isGood(report([], { notMeasured: [{ title: 'flink', reason: 'not installed', failed: false }] })))
})

test('the report says what is missed, what was wrong and what was not decided', () => {
  const comparison = { expected: 2, equal: 1, different: 1, missing: 0, unexpected: 0, example: 'expected 1, found 2' }
  const text = reportText(
    report(
      [figure('http.rss', [900], { unit: 'MB', title: 'memory' }), figure('start.first-result', [2], { unit: 's' })],
      {
        checks: [{ title: 'Ours', lateness: 'per-window', records: 10, comparison }],
        othersShare: { atStart: 0.5, during: 0.5 },
      },
    ),
  )
  assert.match(text, /memory +<= 200 MB +900 MB +450 % +MISS/)
  assert.match(text, /WRONG ROWS: Ours against per-window: 1 of 2 equal.*expected 1, found 2/)
  assert.match(text, /MISSED: Section: memory/)
  assert.match(text, /wall figures were not.*start\.first-result/)
})
