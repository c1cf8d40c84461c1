import assert from 'node:assert/strict'
import { it } from 'node:test'
import { rowCells } from './row-cells.ts'

const texts = (row: string): readonly (readonly [string, string | null])[] =>
  [...rowCells(row)].map(([name, { text }]) => [name, text])

it('keeps numbers as they are written, and null as null', () => {
  assert.deepEqual(texts('{"a":1.50,"b":9007199254740993,"c":null,"d":"x","e":true}'), [
    ['a', '1.50'],
    ['b', '9007199254740993'],
    ['c', null],
    ['d', 'x'],
    ['e', 'true'],
  ])
})

it('takes the window apart, whatever other columns are called', () => {
  assert.deepEqual(texts('{"window":{"start":"S","end":"E"},"start":"Chicago","end":5}'), [
    ['window_start', 'S'],
    ['window_end', 'E'],
    ['start', 'Chicago'],
    ['end', '5'],
  ])
  assert.deepEqual(texts('{"end":1}'), [['end', '1']])
})
