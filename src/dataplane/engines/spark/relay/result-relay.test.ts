import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ComputedLog, ResultRelay } from './result-relay.ts'

type Message = readonly [key: string, row: string | null]

/** A topic of one partition as a broker gives it, some messages at once. */
function logOf(messages: Message[], { topicId = 'a', atOnce = 100 } = {}): ComputedLog {
  return {
    topicId,
    fetch: async ({ fromOffset }) => {
      const records = messages.slice(fromOffset, fromOffset + atOnce)
      return {
        records: records.map(([key, row]) => ({
          key: Buffer.from(key),
          value: row === null ? null : Buffer.from(row),
        })),
        nextOffset: fromOffset + records.length,
        lastStableOffset: records.length === 0 ? -1 : messages.length,
      }
    },
    close: async () => {},
  }
}

const resultsOf = (rows: Readonly<Record<string, string>>) => ({
  rowOf: (_: string, key: string): string | null => rows[key] ?? null,
})

describe('the relay of the rows of a query', () => {
  it('leaves out what is the last row of its key already, and says how often', async () => {
    const log = logOf([
      ['a', '1'],
      ['b', '1'],
      ['b', '1'],
      ['c', '3'],
      ['c', '4'],
    ])
    const relay = new ResultRelay('q', log, resultsOf({ a: '1' }), null)
    const taken = await relay.take()
    assert.deepEqual(taken, {
      readTo: { logId: 'a', offset: 5 },
      rows: [
        { key: 'b', row: '1' },
        { key: 'c', row: '4' },
      ],
      removedKeys: [],
    })
    assert.deepEqual(relay.figures, { readRows: 5, repeatedRows: 2, unreadRows: 0 })
    assert.equal(await relay.take(), null)
  })

  it('gives a place also where a piece holds nothing but repeats, or comes back to what is there', async () => {
    const log = logOf([
      ['a', '1'],
      ['b', '2'],
      ['b', '1'],
    ])
    const taken = await new ResultRelay('q', log, resultsOf({ a: '1', b: '1' }), null).take()
    assert.deepEqual(taken, { readTo: { logId: 'a', offset: 3 }, rows: [], removedKeys: [] })
  })

  it('removes the row of a key without value, where there is one', async () => {
    const log = logOf([
      ['a', null],
      ['b', null],
    ])
    const taken = await new ResultRelay('q', log, resultsOf({ a: '1' }), null).take()
    assert.deepEqual([taken!.rows, taken!.removedKeys], [[], ['a']])
  })

  it('goes on behind what was committed, piece by piece', async () => {
    const log = logOf(
      [...'abcde'].map((key): Message => [key, '1']),
      { atOnce: 2 },
    )
    const relay = new ResultRelay('q', log, resultsOf({}), { logId: 'a', offset: 2 })
    const first = await relay.take()
    assert.deepEqual(
      first!.rows.map(({ key }) => key),
      ['c', 'd'],
    )
    assert.deepEqual([relay.isAtEnd, relay.figures.unreadRows], [false, 1])
    const second = await relay.take()
    assert.deepEqual([second!.rows, second!.readTo], [[{ key: 'e', row: '1' }], { logId: 'a', offset: 5 }])
    assert.equal(relay.isAtEnd, true)
  })

  it('begins at the beginning of a log that was made again', async () => {
    const relay = new ResultRelay('q', logOf([['a', '2']], { topicId: 'b' }), resultsOf({ a: '1' }), {
      logId: 'a',
      offset: 9,
    })
    assert.deepEqual((await relay.take())!.rows, [{ key: 'a', row: '2' }])
  })
})
