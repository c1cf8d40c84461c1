import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import { incompatibilities } from './avro-compatibility.ts'
import { avroFault } from './avro-validity.ts'
import { parseAvroType } from './parse-avro-schema.ts'

const why = (reader: unknown, writer: unknown): readonly string[] =>
  incompatibilities(parseAvroType(JSON.stringify(reader)), parseAvroType(JSON.stringify(writer)))
const record = (...fields: object[]) => ({ type: 'record', name: 'Trip', fields })
const field = (type: unknown, rest: object = {}) => record({ name: 'a', type, ...rest })
const symbols = (...names: string[]) => ({ type: 'enum', name: 'E', symbols: names })

/** Whether avsc can read what was written. */
function isRead(reader: object, writer: object): boolean {
  const types = [reader, writer].map((schema) => avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true }))
  try {
    types[0]!.createResolver(types[1]!)
    return true
  } catch {
    return false
  }
}

describe('a reader of Avro', () => {
  it('is told by field why it cannot read what a writer wrote', () => {
    const cases: readonly [unknown, unknown, readonly string[]][] = [
      [field('long'), field('int'), []],
      [field('int'), field('long'), ["field 'a' is read as int and written as long"]],
      [field(['null', 'double'], { default: null }), record(), []],
      [field('double'), record(), ["field 'a' has no default and is not in what was written before"]],
      [field('int'), field(['null', 'int']), ["field 'a' is read as int and written as null"]],
      [field(['null', 'int']), field('string'), ["field 'a' is read as null or int and written as string"]],
      [field('int', { aliases: ['b'] }), record({ name: 'b', type: 'int' }), []],
      [field(symbols('X')), field(symbols('X', 'Y')), ["field 'a' lacks the symbol Y"]],
      [field({ ...symbols('X'), default: 'X' }), field(symbols('X', 'Y')), []],
      [
        field({ type: 'record', name: 'R', fields: [{ name: 'b', type: 'int' }] }),
        field({ type: 'record', name: 'R', fields: [{ name: 'b', type: 'string' }] }),
        ["field 'a.b' is read as int and written as string"],
      ],
      [
        field({ type: 'array', items: 'int' }),
        field({ type: 'array', items: 'string' }),
        ["field 'a', in its items, is read as int and written as string"],
      ],
      [
        field({ type: 'fixed', name: 'F', size: 4 }),
        field({ type: 'fixed', name: 'F', size: 8 }),
        ["field 'a' is read as 4 bytes and written as 8"],
      ],
      [{ ...record(), name: 'Ride' }, record(), ["the schema is read as record 'Ride' and written as 'Trip'"]],
      [{ ...record(), namespace: 'new' }, { ...record(), namespace: 'old' }, []],
    ]
    for (const [reader, writer, sentences] of cases) assert.deepEqual(why(reader, writer), sentences)
  })

  it('may hold itself', () => {
    const list = (value: string) => record({ name: 'value', type: value }, { name: 'next', type: ['null', 'Trip'] })
    assert.deepEqual(why(list('long'), list('int')), [])
    assert.deepEqual(why(list('int'), list('long')), ["field 'value' is read as int and written as long"])
  })

  it('reads what another implementation reads, and nothing else', () => {
    const leaf = fc.constantFrom('null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string')
    const nested = (inner: fc.Arbitrary<unknown>) =>
      fc.oneof(
        inner.map((items) => ({ type: 'array', items })),
        inner.map((values) => ({ type: 'map', values })),
        fc.constantFrom(
          ...[
            ['null', 'int'],
            ['string', 'long', 'null'],
            ['double', 'int'],
          ],
        ),
      )
    const anyType = fc.oneof({ weight: 3, arbitrary: leaf }, nested(leaf), nested(nested(leaf)))
    const anyRecord = fc
      .uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), type: anyType }), {
        selector: ({ name }) => name,
        maxLength: 3,
      })
      .map((fields) => record(...fields))
    const counts = { read: 0, not: 0 }
    fc.assert(
      fc.property(anyRecord, anyRecord, (reader, writer) => {
        const read = isRead(reader, writer)
        counts[read ? 'read' : 'not']++
        assert.equal(
          why(reader, writer).length === 0,
          read,
          JSON.stringify({ reader, writer, why: why(reader, writer) }),
        )
      }),
      { numRuns: 3000 },
    )
    assert.ok(counts.read > 100 && counts.not > 100, JSON.stringify(counts))
  })
})

it('a schema that Avro does not allow is found', () => {
  const faults: readonly [unknown, RegExp][] = [
    [record({ name: 'a b', type: 'int' }), /'a b' is no name of a field/],
    [{ ...record(), name: '1Trip' }, /'1Trip' is no name of Avro/],
    [field('int', { default: 'x' }), /field 'a' is int, and its default "x" is not/],
    [field('int', { default: 2 ** 40 }), /its default 1099511627776 is not/],
    [field(['int', 'int']), /a union holds int twice/],
    [field([['int'], 'null']), /a union holds a union/],
    [field(symbols('X', 'X')), /enum 'E' has the symbol 'X' twice/],
    [field({ type: 'map', values: 'int' }, { default: { x: 'y' } }), /its default \{"x":"y"\} is not/],
  ]
  for (const [schema, message] of faults) assert.match(avroFault(parseAvroType(JSON.stringify(schema))) ?? '', message)
  const fine = record(
    { name: 'a', type: ['null', { type: 'array', items: 'long' }], default: null },
    { name: 'b', type: { ...symbols('X'), namespace: 'n' }, default: 'X' },
    { name: 'c', type: { type: 'record', name: 'R', fields: [{ name: 'd', type: 'int', default: 1 }] }, default: {} },
  )
  assert.equal(avroFault(parseAvroType(JSON.stringify(fine))), undefined)
})
