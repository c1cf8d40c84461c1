import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Value } from '#language/schemas/field-types.ts'
import { createJsonDecoder } from '../decoder.ts'
import type { DecoderField } from '../decoder-field.ts'
import { type CarefulResult, PendingRecords } from '../pending-records.ts'
import { wrongEncoding } from '../rejections.ts'
import { allTypes } from '../testing/all-types-schema.fixture.ts'
import { decodeAll, NO_GUARD, valuesOf } from '../testing/decode-all.fixture.ts'
import { allMembers, extraMember, line, style, writeObject } from '../testing/json-lines.fixture.ts'
import { readJsonCarefully } from './careful-json.ts'
import { JsonTokenizer } from './json-tokenizer.ts'
import { learnTemplate } from './record-template.ts'
import { TemplateDecoder } from './template-decoder.ts'

const newPending = (): { fields: readonly DecoderField[]; pending: PendingRecords } => {
  const pending = new PendingRecords(allTypes)
  return { fields: pending.fields, pending }
}

function carefully(bytes: Uint8Array): CarefulResult {
  return isUtf8(bytes)
    ? readJsonCarefully(bytes, newPending().fields, allTypes.timeZone)
    : { rejection: wrongEncoding() }
}

function valuesOfReadings(result: CarefulResult): Value[] | null {
  return 'rejection' in result ? null : result.readings.map((reading) => reading?.value ?? null)
}

/** The record of a line as one tier alone reads it, with the number of ambiguous times; null when the tier is not sure. */
function alone(
  bytes: Uint8Array,
  read: (
    padded: Uint8Array,
    view: DataView,
    lineEnd: number,
    pending: PendingRecords,
    fields: readonly DecoderField[],
  ) => boolean,
): Value[] | null {
  const { fields, pending } = newPending()
  const padded = new Uint8Array(bytes.length + 100).fill(0x35)
  padded.set(bytes)
  padded[bytes.length] = 10
  if (!read(padded, new DataView(padded.buffer), bytes.length, pending, fields)) return null
  const taken = pending.take(1, NO_GUARD, undefined as never)!
  return [taken.ambiguousTimes, ...valuesOf(taken.batch)[0]!]
}

const tokenized = (bytes: Uint8Array): Value[] | null =>
  alone(bytes, (padded, view, lineEnd, pending, fields) => {
    const accepted = new JsonTokenizer(fields).read(padded, view, 0, lineEnd, pending.nextRow())
    if (accepted) pending.accept(0, lineEnd)
    return accepted
  })

const ambiguous = (result: CarefulResult): number =>
  'readings' in result && result.readings.some((reading) => reading?.ambiguous === true) ? 1 : 0

test('what the tokenizer accepts is what the careful reader accepts', () => {
  let accepted = 0
  fc.assert(
    fc.property(line, (bytes) => {
      const quick = isUtf8(bytes) ? tokenized(bytes) : null
      if (quick === null) return
      accepted++
      const result = carefully(bytes)
      assert.deepEqual(quick, [ambiguous(result), ...(valuesOfReadings(result) ?? ['rejected'])])
    }),
    { numRuns: 3000 },
  )
  assert.ok(accepted > 300, `only ${accepted} records were accepted`)
})

test('what a template accepts is what the careful reader accepts', () => {
  let accepted = 0
  const teacherAndLine = fc
    .tuple(allMembers, fc.array(extraMember, { maxLength: 2 }), style)
    .chain(([all, extra, how]) => {
      const order = [...all, ...extra]
      const pupil = fc
        .tuple(
          allMembers,
          fc.subarray(
            order.map(([name]) => name),
            { minLength: order.length - 3 },
          ),
        )
        .map(([values, kept]) => {
          const byName = new Map<string, string>(values)
          return Buffer.from(
            writeObject(
              order
                .filter(([name]) => kept.includes(name))
                .map(([name, value]) => [name, byName.get(name) ?? value] as const),
              how,
            ),
          )
        })
      const teacher = Buffer.from(writeObject(order, how))
      return fc.tuple(
        fc.constant(teacher),
        fc.oneof({ weight: 6, arbitrary: pupil }, { weight: 1, arbitrary: line }),
        // Whose columns are asked about unusual values: mostly all, so that records with them are read.
        fc.oneof(
          { weight: 4, arbitrary: fc.constant(order.map(() => true)) },
          { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: order.length, maxLength: order.length }) },
        ),
      )
    })
  fc.assert(
    fc.property(teacherAndLine, ([teacher, bytes, asked]) => {
      if (valuesOfReadings(carefully(teacher)) === null || !isUtf8(bytes) || bytes.includes(10)) return
      const quick = alone(bytes, (padded, view, lineEnd, pending, fields) => {
        const lesson = new Uint8Array(teacher.length + 65)
        lesson.set(teacher)
        lesson[teacher.length] = 10
        const template = learnTemplate(lesson.subarray(0, teacher.length + 1), new DataView(lesson.buffer), fields)
        if (template === undefined) return false
        const members = template.members.map((member, i) => ({ ...member, unusual: asked[i] ?? true }))
        const decode = new TemplateDecoder({ ...template, members }, pending, 1 << 20).decode(bytes.includes(92))
        return decode(padded, view, 0, lineEnd + 1, 0, pending) > 0
      })
      if (quick === null) return
      accepted++
      const result = carefully(bytes)
      assert.deepEqual(quick, [ambiguous(result), ...(valuesOfReadings(result) ?? ['rejected'])])
    }),
    { numRuns: 3000 },
  )
  assert.ok(accepted > 100, `only ${accepted} records were accepted`)
})

test('a decoder gives for each line what the careful reader gives, however the input is cut', () => {
  const input = fc.tuple(
    fc.array(line, { minLength: 1, maxLength: 12 }),
    // Forty times the same line: then a decoder has been generated for it.
    fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }) }, { weight: 1, arbitrary: fc.constant(40) }),
    fc.integer({ min: 1, max: 3000 }),
    fc.integer({ min: 1, max: 9 }),
    fc.constantFrom('\n', '\r\n', '\n\n'),
  )
  fc.assert(
    fc.property(input, ([lines, repeats, chunkBytes, recordsMax, lineEnd]) => {
      const all = lines.flatMap((bytes) => Array<Buffer>(repeats).fill(bytes))
      const text = Buffer.concat(all.flatMap((bytes) => [bytes, Buffer.from(lineEnd)]))
      const decoded = decodeAll(createJsonDecoder(allTypes), text, chunkBytes, recordsMax)
      const results = all.map((bytes, index) =>
        index === 0 && bytes.indexOf('\ufeff') === 0 ? carefully(bytes.subarray(3)) : carefully(bytes),
      )
      assert.equal(decoded.received, all.length)
      assert.deepEqual(
        decoded.rows,
        results.flatMap((result, index) => ('readings' in result ? [[index, ...valuesOfReadings(result)!]] : [])),
      )
      assert.deepEqual(
        decoded.rejected.map(({ position, rejection }) => ({ position, rejection })),
        results.flatMap((result, position) =>
          'rejection' in result ? [{ position, rejection: result.rejection }] : [],
        ),
      )
      assert.equal(
        decoded.ambiguousTimes,
        results.reduce((sum, result) => sum + ambiguous(result), 0),
      )
    }),
    { numRuns: 400 },
  )
})
