import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NO_STATE, type ResultRow } from '../state/job-store.ts'
import { CommittedRows } from './committed-rows.ts'

const MEBIBYTE = 2 ** 20

const rowOf = (index: number, length: number): ResultRow => ({
  key: String(index),
  windowStart: index,
  windowEnd: index + 1,
  row: 'x'.repeat(length),
})
const nothing = { query: 'q', positions: [], closedUpToMs: 0, removedKeys: [], late: [], takeState: () => NO_STATE }

function read(rows: readonly ResultRow[], wanted = true): CommittedRows {
  const committed = new CommittedRows({ ...nothing, rows }, { wanted })
  assert.deepEqual([...committed.commit.rows], rows)
  return committed
}

it('what the store reads of a commit is handed to those who follow', () => {
  const rows = [rowOf(1, 10), rowOf(2, 10)]
  assert.deepEqual(read(rows).changes, { query: 'q', rows, rowsWritten: 2, removedKeys: [] })
})

it('a commit of no rows changes nothing, and one that only removes does', () => {
  assert.equal(read([]).changes, null)
  const removing = new CommittedRows({ ...nothing, rows: [], removedKeys: ['1'] }, { wanted: true })
  assert.deepEqual(removing.changes?.removedKeys, ['1'])
})

it('rows beyond a bound, and rows nobody follows, are counted and not kept', () => {
  const large = Array.from({ length: 9 }, (_, i) => rowOf(i, MEBIBYTE))
  assert.deepEqual(read(large).changes, { query: 'q', rows: null, rowsWritten: 9, removedKeys: [] })
  assert.deepEqual(read([rowOf(1, 10)], false).changes, { query: 'q', rows: null, rowsWritten: 1, removedKeys: [] })
})
