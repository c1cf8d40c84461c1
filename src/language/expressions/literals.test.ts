import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inferLiteral, literalValue, typedLiteral } from './literals.ts'

it('takes whole numbers as int or long, others as decimals of their own digits', () => {
  assert.deepEqual(inferLiteral(5).type, { kind: 'int' })
  assert.deepEqual(inferLiteral(5_000_000_000).type, { kind: 'long' })
  assert.deepEqual(inferLiteral(2n ** 62n).type, { kind: 'long' })
  assert.deepEqual(inferLiteral(4.5).type, { kind: 'decimal', precision: 2, scale: 1 })
  assert.deepEqual(inferLiteral(0.05).type, { kind: 'decimal', precision: 2, scale: 2 })
  assert.deepEqual(inferLiteral(1e-30).type, { kind: 'double' })
})

it('keeps its value exactly through JSON', () => {
  const literals = [
    inferLiteral(4.5),
    inferLiteral(2n ** 62n),
    typedLiteral('12.5', { kind: 'decimal', precision: 10, scale: 2 }),
    typedLiteral('2024-04-13', { kind: 'date' }),
    typedLiteral('2024-04-13T00:00:00Z', { kind: 'timestamp' }),
  ]
  const values = [45n, 2n ** 62n, 1250n, 19_826, Date.parse('2024-04-13')]
  for (const [i, literal] of literals.entries())
    assert.equal(literalValue(JSON.parse(JSON.stringify(literal)) as typeof literal), values[i])
})

it('refuses a text that is no value of the type', () => {
  assert.throws(() => typedLiteral('2024-02-30', { kind: 'date' }), {
    code: 'MSB_QUERY_INVALID',
    message: "'2024-02-30' is no date",
  })
  assert.throws(() => literalValue({ kind: 'Literal', type: { kind: 'int' }, value: 1.5 }), {
    code: 'MSB_QUERY_INVALID',
  })
})
