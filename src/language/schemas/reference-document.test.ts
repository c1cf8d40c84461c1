import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decimal, timestamp } from '../query/fields.ts'
import { referenceSchema } from '../query/foreign-schemas.ts'
import { schemaFromReferenceDocument } from './reference-document.ts'
import { resultId } from './result-id.ts'

const trips = {
  key_space: 'mysimbdp_coredms',
  schema: {
    name: 'trips',
    fields: [
      { name: 'id', type: 'uuid' },
      { name: 'trip_start', type: 'timestamp' },
      { name: 'company', type: 'text' },
      { name: 'seconds', type: 'int' },
      { name: 'fare', type: 'float' },
      { name: 'tips', type: 'decimal(10, 2)' },
    ],
  },
  primary_key: ['id', 'trip_start'],
}
const read = (change: object) => schemaFromReferenceDocument(JSON.stringify({ ...trips, ...change }))

describe("the reference system's schema document", () => {
  it('gives a schema, keeps its primary key and warns of money in a float', () => {
    const { keySpace, schema, primaryKey, generatedId, warnings } = read({})
    assert.equal(keySpace, 'mysimbdp_coredms')
    assert.deepEqual(primaryKey, ['id', 'trip_start'])
    assert.equal(generatedId, 'id')
    assert.deepEqual(
      schema.fields.map(({ name, type, nullable }) => [name, type.kind, nullable]),
      [
        ['id', 'uuid', true],
        ['trip_start', 'timestamp', false],
        ['company', 'string', true],
        ['seconds', 'int', true],
        ['fare', 'float', true],
        ['tips', 'decimal', true],
      ],
    )
    assert.equal(warnings.length, 1)
    assert.match(warnings[0]!, /field 'fare' is a float/)
  })

  it('may write fields as an object, and a primary key as one name or with a partition key of its own', () => {
    const fields = { id: 'text', day: 'date', at: 'timestamp' }
    const schema = { name: 't', fields }
    assert.deepEqual(read({ schema, primary_key: 'id' }).primaryKey, ['id'])
    assert.deepEqual(read({ schema, primary_key: [['id', 'day'], 'at'] }).primaryKey, ['id', 'day', 'at'])
    // Only a uuid is filled: nobody knows what a text should be.
    assert.equal(read({ schema, primary_key: 'id' }).generatedId, null)
  })

  it('is refused by what is wrong in it', () => {
    const field = (type: unknown) => ({ schema: { name: 't', fields: [{ name: 'x', type }] }, primary_key: 'x' })
    const refused: readonly [object, RegExp][] = [
      [{ key_space: 7 }, /'key_space' is no text/],
      [{ schema: [] }, /'schema' is no object/],
      [{ primary_key: ['ids'] }, /'primary_key' names "ids", which is none of the fields/],
      [{ primary_key: [] }, /'primary_key' names no field/],
      [{ primary_key: undefined }, /'primary_key' names nothing/],
      [field('list<int>'), /field 'x' has the type "list<int>", and known are text,/],
      [field('decimal'), /field 'x' is 'decimal', which does not say its digits/],
      [field('decimal(20, 2)'), /decimal\(20, 2\) is not possible/],
      [field('toString'), /field 'x' has the type "toString"/],
    ]
    for (const [change, message] of refused) assert.throws(() => read(change), { code: 'MSB_SCHEMA_INVALID', message })
  })

  it('is held to the fields that an app names', () => {
    const json = JSON.stringify(trips)
    assert.equal(referenceSchema(json, { trip_start: timestamp() }).fields.length, 6)
    assert.throws(() => referenceSchema(json, { fare: decimal(10, 2).nullable() }), {
      code: 'MSB_SCHEMA_INVALID',
      message: "field 'fare' of schema 'trips' is float or null in it, and decimal(10, 2) or null is expected",
    })
    assert.throws(
      () => referenceSchema(json, { price: decimal(10, 2) }),
      /field 'price' of schema 'trips' is not in it/,
    )
  })
})

it('a result row has the same id whenever it is written, and another one in each query and app', () => {
  const id = resultId('taxi', 'hourly', '1649880000000|7')
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(resultId('taxi', 'hourly', '1649880000000|7'), id)
  const others = [
    resultId('taxi', 'hourly', '1649880000000|8'),
    resultId('taxi', 'daily', '1649880000000|7'),
    resultId('cab', 'hourly', '1649880000000|7'),
  ]
  assert.equal(new Set([id, ...others]).size, 4)
})
