import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Schema } from '#language/schemas/schema.ts'
import { type Fault, FaultInjector, type FaultKind, faultKinds } from './fault-injector.ts'
import { type EventTimeChoice, encodeLines, type FeedRecord } from './feed-record.ts'
import { numbered, textOf } from './feed-records.fixture.ts'

const schema: Schema = {
  name: 'reading',
  fields: [
    { name: 'number', type: { kind: 'int' }, nullable: true },
    { name: 'at', type: { kind: 'timestamp' }, nullable: false },
    { name: 'text', type: { kind: 'string' }, nullable: true },
  ],
}
const records = Array.from({ length: 3000 }, (_, number) => numbered(number))
const every = Object.keys(faultKinds) as readonly FaultKind[]

interface Options {
  readonly batchRecords?: number
  readonly seed?: number
  readonly from?: number
  readonly to?: number
  readonly choice?: EventTimeChoice
}

function spoilt(faults: readonly Fault[], options: Options = {}, input: readonly FeedRecord[] = records): FeedRecord[] {
  const { batchRecords = 100, seed = 1, from = 0, to = Number.POSITIVE_INFINITY, choice = 'column' } = options
  const injector = new FaultInjector({ faults, seed, from, to }, schema, 'at', choice)
  const output: FeedRecord[] = []
  for (let start = 0; start < input.length; start += batchRecords)
    output.push(...injector.apply(input.slice(start, start + batchRecords)))
  return [...output, ...injector.end()]
}

const linesOf = (output: readonly FeedRecord[]): string[] =>
  Buffer.from(encodeLines(output, 'at', 'column', 0))
    .toString()
    .trimEnd()
    .split('\n')
const all = (kind: FaultKind): readonly Fault[] => [{ kind, share: 1 }]

describe('faults', () => {
  it('befall the same records in the same way, however the feed is cut', () => {
    const faults = every.map((kind) => ({ kind, share: 0.2 }))
    const expected = linesOf(spoilt(faults, { batchRecords: 1 }))
    for (const batchRecords of [2, 7, 1000, 5000]) assert.deepEqual(linesOf(spoilt(faults, { batchRecords })), expected)
    assert.notDeepEqual(linesOf(spoilt(faults, { seed: 2 })), expected)
  })

  it('befall about the share of the records that was asked for', () => {
    for (const kind of ['null-rows', 'wrong-columns', 'late', 'future'] as const) {
      const plain = linesOf(records)
      const changed = linesOf(spoilt([{ kind, share: 0.1 }])).filter((line, index) => line !== plain[index]).length
      assert.ok(changed > 200 && changed < 400, `${kind}: ${changed}`)
    }
  })

  it('befall nothing outside the numbers that were given', () => {
    const output = linesOf(spoilt(all('null-rows'), { from: 10, to: 20 }))
    assert.deepEqual(
      output.flatMap((line, index) => (line.includes('null') ? [index] : [])),
      [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
    )
  })

  it('leave records that are unreadable already as they are', () => {
    const unreadable: FeedRecord = { kind: 'unreadable', bytes: Buffer.from('broken'), eventTimeMs: 0 }
    const output = spoilt(
      every.map((kind) => ({ kind, share: 1 })),
      {},
      [unreadable],
    )
    assert.deepEqual(output, [unreadable])
  })
})

describe('a fault', () => {
  const one: readonly FeedRecord[] = [
    { kind: 'readable', members: '"number":12345678901234567890.10,"text":"a \\"b\\",",', eventTimeMs: 5, shiftMs: 0 },
  ]

  it('of null rows leaves the event time alone', () => {
    assert.deepEqual(linesOf(spoilt(all('null-rows'), {}, one)), ['{"number":null,"text":null,"at":5}'])
  })

  it('of wrong columns renames every field but the event time, and keeps all digits', () => {
    assert.deepEqual(linesOf(spoilt(all('wrong-columns'), {}, one)), [
      '{"wrong_number":12345678901234567890.10,"wrong_text":"a \\"b\\",","at":5}',
    ])
  })

  it('of lateness moves the event time an hour back, one of the future a century ahead', () => {
    assert.equal(JSON.parse(linesOf(spoilt(all('late'), {}, one))[0]!).at, 5 - 3_600_000)
    assert.equal(JSON.parse(linesOf(spoilt(all('future'), {}, one))[0]!).at, 5 + 36_525 * 86_400_000)
  })

  it('of duplicates gives a record of its own right behind the first', () => {
    const output = spoilt([{ kind: 'duplicates', share: 0.1 }]).map(textOf)
    const extra = output.length - records.length
    assert.ok(extra > 200 && extra < 400)
    assert.equal(output.filter((text, index) => text === output[index - 1]).length, extra)
    assert.deepEqual([...new Set(output)], records.map(textOf))
  })

  it('of order moves records at most 20 places later, and loses none', () => {
    const output = spoilt([{ kind: 'out-of-order', share: 0.3 }]).map(textOf)
    const expected = records.map(textOf)
    assert.notDeepEqual(output, expected)
    assert.deepEqual([...output].sort(), [...expected].sort())
    // A record goes back by the places of those that overtook it: those held with it do not count.
    for (const [place, text] of output.entries()) assert.ok(place - expected.indexOf(text) <= 20)
  })

  it('of order makes a record up to 5 seconds older when its event time is its arrival', () => {
    const output = spoilt(all('out-of-order'), { choice: 'arrival' })
    assert.deepEqual(output.map(textOf), records.map(textOf))
    const shifts = output.map((record) => (record.kind === 'readable' ? record.shiftMs : 0))
    assert.ok(shifts.every((shiftMs) => shiftMs < 0 && shiftMs >= -5000) && new Set(shifts).size > 1000)
  })
})
