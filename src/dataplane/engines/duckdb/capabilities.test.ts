import assert from 'node:assert/strict'
import { it } from 'node:test'
import { duckdbCapabilities } from './capabilities.ts'

it('says what DuckDB cannot do, and why', () => {
  const { engine: _, ...parts } = duckdbCapabilities
  const refused = Object.values(parts).flatMap((part) =>
    Object.entries(part).filter(([, support]) => !support.supported),
  )
  assert.deepEqual(
    refused.map(([name]) => name),
    ['Deduplicate', 'session'],
  )
  for (const [, support] of refused)
    assert.match(support.supported ? '' : support.reason, /depends on every record before it/)
})
