import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareRows, isExact } from './compare-rows.ts'
import { type ResultRows, rowKey } from './result-row.ts'

const rows = (...all: readonly (readonly [string, number, string | null, ...(number | null)[]])[]): ResultRows =>
  new Map(all.map(([query, start, group, ...values]) => [rowKey(query, start, group), values]))

const expected = rows(['q', 0, null, 1.5, 2], ['q', 5, 'a', null], ['q', 5, null, 3])

test('equal rows are exact, in whatever order', () => {
  const comparison = compareRows(rows(['q', 5, null, 3], ['q', 0, null, 1.5, 2], ['q', 5, 'a', null]), expected)
  assert.ok(isExact(comparison))
  assert.equal(comparison.example, null)
})

test('a cent, a null, a missing row and a row too many are each counted and one is shown', () => {
  const found = rows(['q', 0, null, 1.51, 2], ['q', 5, 'a', 0], ['q', 7, null, 1])
  const { equal, different, missing, unexpected, example } = compareRows(found, expected)
  assert.deepEqual([equal, different, missing, unexpected], [0, 2, 1, 1])
  assert.match(example!, /q 0 ~: expected \[1.5,2\], found \[1.51,2\]/)
})

test('rows that all are right do not hide one that should not be there', () => {
  const found = new Map([...expected, ...rows(['q', 9, null, 1])])
  const comparison = compareRows(found, expected)
  assert.ok(!isExact(comparison))
  assert.match(comparison.example!, /q 9 ~: expected no row/)
})
