import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSchema } from '#language/schemas/schema.ts'
import { PendingRecords } from '../pending-records.ts'
import { TemplateLearner } from './template-learner.ts'

const schema = createSchema('Event', [
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'seconds', type: { kind: 'int' }, nullable: true },
])
/** More than the learner waits for, twice. */
const LESSONS = 200

test('forms that differ only in the side of a value on which white space stands have decoders of their own', () => {
  const pending = new PendingRecords({ schema, eventTime: 'at', timeZone: 'UTC' })
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
