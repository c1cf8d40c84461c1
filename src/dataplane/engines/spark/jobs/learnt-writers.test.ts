import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askedId, askFor, NO_WRITERS } from '../lowering/record-writers.ts'
import { LearntWriters } from './learnt-writers.ts'

function registry(schemas: Readonly<Record<number, string>>) {
  const asked: number[] = []
  const byId = async (id: number): Promise<string | undefined> => {
    asked.push(id)
    return schemas[id]
  }
  return { byId, asked }
}

describe('writers of Avro that a job learns of', () => {
  it('are asked for once, by stream, and those of before are known', async () => {
    const schemas = registry({ 7: 'seven', 9: 'nine' })
    const writers = new LearntWriters(schemas, { rides: [{ id: 3, schema: 'three' }] })
    for (const id of [7, 8, 7, 8, 3]) await writers.learn('rides', id)
    await Promise.all([writers.learn('stops', 9), writers.learn('stops', 9)])
    assert.deepEqual(schemas.asked, [7, 8, 9, 9])
    const known = [
      { id: 3, schema: 'three' },
      { id: 7, schema: 'seven' },
    ]
    assert.deepEqual(writers.of('rides'), { known, unknown: [8], asks: true })
    assert.deepEqual(writers.known, { rides: known, stops: [{ id: 9, schema: 'nine' }] })
    assert.equal(writers.of('none'), NO_WRITERS)
  })

  it('are no longer asked for when many ids had no schema', async () => {
    const writers = new LearntWriters(registry({}), {})
    const asks: boolean[] = []
    for (let id = 1; id <= 16; id++) {
      await writers.learn('rides', id)
      asks.push(writers.of('rides').asks)
    }
    assert.deepEqual([asks.indexOf(false), asks.length], [15, 16])
  })

  it('are asked for by the error of a query', () => {
    assert.match(askFor('42'), /raise_error/)
    assert.equal(
      askedId('[USER_RAISED_EXCEPTION] MSB_SPARK_SCHEMA_ASKED: id 4294967295 SQLSTATE: P0001'),
      4_294_967_295,
    )
    assert.equal(askedId('MSB_RECORD_REJECTED: record 7'), null)
  })
})
