import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RawFormat } from '#dataplane/records/record-batch.ts'
import { parseRenames, renameFields } from './field-renames.ts'

const json: RawFormat = { kind: 'json' }
const renamed = (text: string, rules: readonly string[], format: RawFormat = json): string => {
  const record = renameFields({ raw: new Uint8Array(Buffer.from(text)), format }, parseRenames(rules))
  return Buffer.from(record.format.kind === 'csv' ? record.format.header : record.raw).toString()
}

test('top-level keys get other names, and everything else stays as it is written', () => {
  assert.equal(
    renamed('{ "x_a" : 1.50e3, "x_b":{"x_a":"x_a"}, "c":["x_a", {"x_c":1}], "x\\u005fd": "}" }', ['x_*=*']),
    '{ "a" : 1.50e3, "b":{"x_a":"x_a"}, "c":["x_a", {"x_c":1}], "d": "}" }',
  )
})

test('the first rule that fits counts, and a star may stand anywhere', () => {
  const rules = ['fare=price', '*_ts=time_*', '*=v1_*']
  assert.equal(renamed('{"fare":1,"end_ts":2,"tips":3}', rules), '{"price":1,"time_end":2,"v1_tips":3}')
})

test('a header gets other names, quoted where they need it', () => {
  const header = new Uint8Array(Buffer.from('Fare,"a ""b""",plain'))
  assert.equal(renamed('', ['Fare=fare', 'plain=x,y'], { kind: 'csv', header }), 'fare,"a ""b""","x,y"')
})

test('what is no object, or cannot be read, stays as it is', () => {
  for (const text of ['[{"x_a":1}]', '"x_a"', '{"x_a":', '']) assert.equal(renamed(text, ['x_*=*']), text)
})

test('a rule that renames nothing is refused', () => {
  for (const rule of ['', 'a', '=b', 'a=', 'a=b=c', 'x_*=b', 'a=*', '**=*', '*=**'])
    assert.throws(() => parseRenames([rule]), { code: 'MSB_REPLAY_INVALID' }, rule)
})
