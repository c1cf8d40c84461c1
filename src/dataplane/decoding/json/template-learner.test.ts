import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSchema } from '#language/schemas/schema.ts'
import { READ_AHEAD_BYTES } from '../columns/column-builder.ts'
import { PendingRecords } from '../pending-records.ts'
import { TemplateLearner } from './template-learner.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f']
const schema = createSchema('Readings', [
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  ...names.map((name) => ({ name, type: { kind: 'int' } as const, nullable: true })),
])

/** How many different decoders a learner makes of records that were not read as it predicted. */
function decodersFor(records: readonly object[]): number {
  const learner = new TemplateLearner(new PendingRecords({ schema, eventTime: 'at', timeZone: 'UTC' }), 1 << 20)
  const decoders = new Set<unknown>()
  for (const record of records) {
    const line = Buffer.from(`${JSON.stringify(record).replaceAll('"5.0"', '5.0')}\n`)
    const bytes = new Uint8Array(line.length + READ_AHEAD_BYTES)
    bytes.set(line)
    learner.miss(bytes, 0, line.length)
    if (learner.decoder !== null) learner.hit()
    decoders.add(learner.decoder)
  }
  decoders.delete(null)
  return decoders.size
}

const full = { at: 1, a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }
const many = (record: object): readonly object[] => Array.from({ length: 40 }, () => record)

test('short inputs have no decoder generated for them', () => {
  assert.equal(decodersFor(many(full).slice(0, 31)), 0)
  assert.equal(decodersFor(many(full)), 1)
})

test('a producer that leaves members out in all ways needs two decoders', () => {
  const without = names.map((name) => ({ ...full, [name]: undefined }))
  assert.equal(decodersFor([...many(full), ...without, ...without]), 2)
})

test('unusual values of ever more fields stop making new decoders', () => {
  const unusual = names.map((name) => ({ ...full, [name]: '5.0' }))
  assert.equal(decodersFor([...many(full), ...unusual, ...unusual]), 4)
})

const events = createSchema('Event', [
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'seconds', type: { kind: 'int' }, nullable: true },
])
/** More than the learner waits for, twice. */
const LESSONS = 200

test('forms that differ only in the side of a value on which white space stands have decoders of their own', () => {
  const pending = new PendingRecords({ schema: events, eventTime: 'at', timeZone: 'UTC' })
  const learner = new TemplateLearner(pending, 1000)
  for (const record of ['{"at": 1 ,"seconds":2}', '{"at":  1,"seconds":2}']) {
    const line = Buffer.concat([Buffer.from(`${record}\n`), new Uint8Array(64)])
    const end = record.length + 1
    for (let lesson = 0; lesson < LESSONS; lesson++) learner.miss(line, 0, end)
    const decode = learner.decoder!.decode(false)
    const view = new DataView(line.buffer, line.byteOffset, line.length)
    assert.equal(decode(line, view, 0, end, 0, pending), end, record)
  }
})
