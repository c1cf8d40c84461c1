import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import type { FieldType } from '../field-types.ts'
import { createSchema, type Schema } from '../schema.ts'
import { schemaFromAvro } from './schema-from-avro.ts'
import { schemaToAvro } from './schema-to-avro.ts'

const decimals = fc
  .integer({ min: 1, max: 18 })
  .chain((precision) => fc.integer({ min: 0, max: precision }).map((scale) => ({ precision, scale })))
  .map(({ precision, scale }): FieldType => ({ kind: 'decimal', precision, scale }))
const simple = fc.constantFrom(
  ...(['string', 'int', 'long', 'float', 'double', 'boolean', 'timestamp', 'date', 'uuid'] as const),
)
const types: fc.Arbitrary<FieldType> = fc.oneof(
  { weight: 3, arbitrary: simple.map((kind): FieldType => ({ kind })) },
  { weight: 1, arbitrary: decimals },
)
const identifiers = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/)
const fields = fc.record({ name: identifiers, type: types, nullable: fc.boolean() })
const schemas: fc.Arbitrary<Schema> = fc
  .tuple(identifiers, fc.uniqueArray(fields, { minLength: 1, maxLength: 12, selector: ({ name }) => name }))
  .map(([name, list]) => createSchema(name, list))

const record = (...list: readonly object[]): string => JSON.stringify({ type: 'record', name: 'Trip', fields: list })

describe('schemas and Avro', () => {
  it('what a schema becomes is an Avro schema, and comes back as it was', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        const json = schemaToAvro(schema)
        assert.equal(avsc.Type.forSchema(JSON.parse(json), { wrapUnions: false }).typeName, 'record')
        assert.deepEqual(schemaFromAvro(json), { schema, warnings: [] })
      }),
    )
  })

  it('a name that Avro does not know is made one', () => {
    const schema = createSchema('2024 trips', [{ name: 'at', type: { kind: 'timestamp' }, nullable: false }])
    assert.equal(JSON.parse(schemaToAvro(schema)).name, '_2024_trips')
  })

  it('types that others write become fields', () => {
    const fixed = { type: 'fixed', name: 'Cents', size: 8, logicalType: 'decimal', precision: 18, scale: 2 }
    const { schema } = schemaFromAvro(
      record(
        { name: 'paid', type: { type: 'enum', name: 'Payment', symbols: ['CASH', 'CARD'] } },
        { name: 'fare', type: ['null', fixed], default: null },
        { name: 'start', type: { type: 'long', logicalType: 'local-timestamp-micros' } },
        { name: 'tip', type: [{ type: 'bytes', logicalType: 'decimal', precision: 6, scale: 3 }, 'null'] },
      ),
    )
    assert.deepEqual(
      schema.fields.map(({ type, nullable }) => [type, nullable]),
      [
        [{ kind: 'string' }, false],
        [{ kind: 'decimal', precision: 18, scale: 2 }, true],
        [{ kind: 'timestamp' }, false],
        [{ kind: 'decimal', precision: 6, scale: 3 }, true],
      ],
    )
  })

  it('what no field can be is refused by field and type', () => {
    const refused: readonly [object | string | readonly unknown[], RegExp][] = [
      ['bytes', /field 'x' of Avro record 'Trip' is bytes, which no field/],
      ['null', /is null, which/],
      [['int', 'string'], /is int or string, which/],
      [['null', 'int', 'string'], /is null or int or string, which/],
      [{ type: 'array', items: 'int' }, /is array, which/],
      [{ type: 'record', name: 'Inner', fields: [] }, /is record, which/],
      [{ type: 'bytes', logicalType: 'decimal', precision: 38, scale: 2 }, /is bytes \(decimal of 38 digits\), which/],
    ]
    for (const [type, message] of refused)
      assert.throws(() => schemaFromAvro(record({ name: 'x', type })), { code: 'MSB_SCHEMA_INVALID', message })
  })

  it('says that a default other than null is not used', () => {
    const { warnings } = schemaFromAvro(record({ name: 'x', type: 'int', default: 5 }))
    assert.match(warnings.join(), /field 'x' has the default 5, which is not used/)
  })
})
