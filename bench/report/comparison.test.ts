import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareReports, reasonsAgainst } from './comparison.ts'
import { figure, report } from './test-report.fixture.ts'

const kindOf = (before: readonly number[], after: readonly number[], better: 'lower' | 'higher' = 'lower'): string =>
  compareReports(report([figure('a', before, { better })]), report([figure('a', after, { better })]))[0]!.kind

test('a change is judged by the spread of the runs of both reports, and five percent beside', () => {
  const [change] = compareReports(report([figure('a', [9, 10, 11])]), report([figure('a', [11, 12, 13])]))
  assert.equal(change!.relative, 0.2)
  assert.equal(change!.noise, 0.05 + 2 / 10 + 2 / 12)
  assert.equal(change!.kind, 'within noise')
})

test('beyond noise, less is better where less is wanted and worse where more is', () => {
  assert.equal(kindOf([10, 10, 10], [10.6, 10.6, 10.6]), 'worse')
  assert.equal(kindOf([10, 10, 10], [9.4, 9.4, 9.4]), 'better')
  assert.equal(kindOf([10, 10, 10], [10.6, 10.6, 10.6], 'higher'), 'better')
  assert.equal(kindOf([10, 10, 10], [9.4, 9.4, 9.4], 'higher'), 'worse')
})

test('runs that differ among themselves hide a change', () => {
  assert.equal(kindOf([8, 10, 12], [10.6, 10.6, 10.6]), 'within noise')
  assert.equal(kindOf([10, 10, 10], [10.4, 10.4, 10.4]), 'within noise')
})

test('figures that only one report has are left out, and so are those whose unit changed', () => {
  const before = report([figure('gone', [1]), figure('unit', [1], { unit: 'MB' }), figure('both', [1])])
  const after = report([figure('both', [1]), figure('unit', [1]), figure('new', [1])])
  assert.deepEqual(
    compareReports(before, after).map((change) => change.after.id),
    ['both'],
  )
})

test('reports of two machines or modes name what else differs', () => {
  const [before, after] = [report([]), report([])]
  assert.deepEqual(reasonsAgainst(before, after), [])
  const other = report([], { mode: 'quick', machine: { ...after.machine, cpu: 'Another' } })
  assert.deepEqual(reasonsAgainst(before, other), ['CPU: A CPU and Another', 'mode: full and quick'])
})
