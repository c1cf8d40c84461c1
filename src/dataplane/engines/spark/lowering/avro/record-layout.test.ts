import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAvroSchema } from '#language/schemas/avro/parse-avro-schema.ts'
import { recordLayout } from './record-layout.ts'

const layout = (type: unknown, isRead: boolean) => {
  const record = parseAvroSchema(JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'a-b', type }] }))
  const { written, read } = recordLayout(record, () => isRead)
  const first = (json: string): unknown => JSON.parse(json).fields[0].type
  return { written: first(written), read: first(read) }
}
const END = { type: 'fixed', name: 'mark', size: 32 }

describe('what Spark is told of the bytes of Avro records', () => {
  it('is the same in both schemas for a value that is read, without what a type means', () => {
    const fixed = (size: number) => ({ type: 'fixed', name: 't0', size })
    const read: readonly (readonly [unknown, unknown])[] = [
      ['int', 'long'],
      [{ type: 'long', logicalType: 'timestamp-micros' }, 'long'],
      [{ type: 'enum', name: 'E', symbols: ['Credit Card'] }, 'long'],
      ['boolean', fixed(1)],
      [{ type: 'string', logicalType: 'uuid' }, 'string'],
      [{ type: 'fixed', name: 'U', size: 16, logicalType: 'uuid' }, fixed(16)],
      [
        { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 },
        { type: 'bytes', logicalType: 'decimal', precision: 38, scale: 2 },
      ],
      [
        { type: 'fixed', name: 'D', size: 8, logicalType: 'decimal', precision: 4, scale: 2 },
        { ...fixed(8), logicalType: 'decimal', precision: 18, scale: 2 },
      ],
    ]
    for (const [type, wanted] of read) assert.deepEqual(layout(type, true), { written: wanted, read: wanted })
  })

  it('has each branch of a union as a record, so that none is taken for another', () => {
    const branch = (name: string, type: unknown) => ({ type: 'record', name, fields: [{ name: 'v', type }] })
    const items = { type: 'array', items: 'bytes' }
    const taken = { type: 'record', name: 't2', fields: [{ name: 'is', type: 'long', default: 1 }] }
    const rest = ['null', branch('t0', 'long'), branch('t1', 'long')]
    assert.deepEqual(layout(['null', 'int', 'long', { type: 'array', items: 'string' }], true), {
      written: [...rest, branch('t2', items)],
      read: [...rest, taken],
    })
  })

  it('is bytes alone for what is passed over, in records that hold themselves too', () => {
    const list = {
      type: 'record',
      name: 'List',
      fields: [
        { name: 'head', type: 'float' },
        { name: 'tail', type: ['null', 'List'] },
      ],
    }
    const tail = ['null', { type: 'record', name: 't2', fields: [{ name: 'v', type: 't0' }] }]
    const head = { type: 'fixed', name: 't1', size: 4 }
    assert.deepEqual(layout(list, false), {
      written: {
        type: 'record',
        name: 't0',
        fields: [
          { name: 'f0', type: head },
          { name: 'f1', type: tail },
        ],
      },
      read: END,
    })
  })
})
