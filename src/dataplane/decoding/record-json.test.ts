import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJsonDecoder } from './decoder.ts'
import { recordAsJson } from './record-json.ts'
import { allTypes } from './testing/all-types-schema.fixture.ts'
import { NO_GUARD } from './testing/decode-all.fixture.ts'

const INPUT =
  '{"id":"O\u2019Hare \\"1\\"","at":"2024-04-13T19:48:15","seconds":8.0,"tract":9007199254740993,"miles":0.1,"ratio":0.1,"fare":12.5,"balance":null,"whole":3,"paid":true,"day":"2024-02-29","rider":"123E4567-E89B-12D3-A456-426614174000"}\n'
const OUTPUT =
  '{"id":"O\u2019Hare \\"1\\"","at":"2024-04-14T00:48:15.000Z","seconds":8,"tract":9007199254740993,"miles":0.1,"ratio":0.1,"fare":12.50,"balance":null,"whole":3,"paid":true,"day":"2024-02-29","rider":"123e4567-e89b-12d3-a456-426614174000"}'

function rewrite(input: string, timeZone?: string): string {
  const decoder = createJsonDecoder(allTypes)
  decoder.write(Buffer.from(input))
  decoder.end()
  return recordAsJson(decoder.take(1, NO_GUARD)!.batch, 0, timeZone)
}

test('a record comes back as JSON with exact numbers and with nulls', () => {
  assert.equal(rewrite(INPUT), OUTPUT)
})

test('times can be written in the zone of the app', () => {
  assert.match(rewrite(INPUT, 'America/Chicago'), /"at":"2024-04-13T19:48:15\.000-05:00"/)
})

test('what was written is read as the same record', () => {
  assert.equal(rewrite(OUTPUT), OUTPUT)
})
