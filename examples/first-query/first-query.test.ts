import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import greenhouse from './app.ts'

const lines = readFileSync(new URL('readings.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')

test('the app has one stream and one query', () => {
  assert.deepEqual(Object.keys(greenhouse.streams), ['readings'])
  assert.deepEqual(
    greenhouse.plan.queries.map(({ name, table, output }) => [name, table, output.mode]),
    [['warmth', 'warmth', 'append']],
  )
})

test('of the twenty readings exactly one is wrong: its temperature is text', () => {
  const readings = lines.map((line) => JSON.parse(line))
  assert.equal(readings.length, 20)
  assert.deepEqual(
    readings.filter(({ celsius }) => typeof celsius === 'string').map(({ celsius }) => celsius),
    ['22,4'],
  )
  for (const reading of readings) assert.deepEqual(Object.keys(reading), ['sensor', 'at', 'celsius'])
})
