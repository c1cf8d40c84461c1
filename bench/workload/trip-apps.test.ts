import assert from 'node:assert/strict'
import { test } from 'node:test'
import taxi from '../../examples/chicago-taxi/app.ts'
import { tripApp } from './trip-apps.ts'
import { fourQueries, tenfoldWindows, twentyQueries } from './trip-queries.ts'

test('the four measured queries are those of the example', () => {
  const outputs = ({ plan }: typeof taxi) => plan.queries.map(({ name, output }) => ({ name, output }))
  assert.deepEqual(outputs(tripApp('tenant', fourQueries)), outputs(taxi))
})

test('a minute that slides by half is open twice, ten minutes are open twenty times', () => {
  const open = (queries: typeof fourQueries): readonly number[] =>
    queries.flatMap(({ window }) => (window.kind === 'day' ? [] : [window.sizeMs / window.slideMs]))
  assert.deepEqual(open(fourQueries), [1, 2, 2])
  assert.deepEqual(open(tenfoldWindows), [1, 20, 20])
})

test('the twenty are twenty different queries, the four among them', () => {
  const { plan } = tripApp('tenant', twentyQueries)
  const different = new Set(plan.queries.map(({ output }) => JSON.stringify(output)))
  assert.deepEqual([plan.queries.length, different.size], [20, 20])
  assert.deepEqual(twentyQueries.slice(0, 4), fourQueries)
})
