import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OutputNode } from '#language/plan/plan.ts'
import { type BatchOptions, type BatchResult, evaluateWithDuckDb } from './duckdb-engine.ts'
import {
  aggregate,
  app,
  call,
  cast,
  date,
  decimal,
  double,
  field,
  int,
  literal,
  long,
  named,
  output,
  records,
  sliding,
  source,
  text,
  timestamp,
  tumbling,
  uuid,
  windowed,
} from './hand-made-plans.fixture.ts'
import type { BatchRecord } from './load-records.ts'

const count = named('n', aggregate('count'))

async function evaluate(
  node: OutputNode,
  rows: readonly BatchRecord[],
  options: BatchOptions = { end: 'bounded' },
  timeZone = 'UTC',
): Promise<BatchResult> {
  const { queries } = await evaluateWithDuckDb(app({ q: node }, timeZone), { readings: rows }, options)
  return queries.q!
}

const at = (...times: readonly number[]) => records(times.map((time) => ({ at: time })))
const startsAndCounts = ({ rows }: BatchResult): readonly unknown[] =>
  rows.map((row) => [Date.parse(JSON.parse(row).window.start), JSON.parse(row).n])

describe('windows in DuckDB', () => {
  it('puts a record at the end of a tumbling window into the next one, before 1970 too', async () => {
    const result = await evaluate(output(windowed(source({}), tumbling(10), [count])), at(-1, -10, -11, 0, 9, 10))
    assert.deepEqual(startsAndCounts(result), [
      [-20, 1],
      [-10, 2],
      [0, 2],
      [10, 1],
    ])
  })

  it('starts tumbling windows at multiples of the size plus the offset', async () => {
    const result = await evaluate(output(windowed(source({}), tumbling(10, 3), [count])), at(2, 3))
    assert.deepEqual(startsAndCounts(result), [
      [-7, 1],
      [3, 1],
    ])
  })

  it('counts a record in every sliding window that holds it, also when the slide does not divide the size', async () => {
    const result = await evaluate(output(windowed(source({}), sliding(25, 10), [count])), at(4, 5))
    assert.deepEqual(startsAndCounts(result), [
      [-20, 1],
      [-10, 2],
      [0, 2],
    ])
  })

  it('gives days of 23, 24 and 25 hours in the zone of a calendar window', async () => {
    const window = { kind: 'calendar', unit: 'day', timeZone: 'America/Chicago' } as const
    const times = ['2024-03-10T12:00:00Z', '2024-03-11T12:00:00Z', '2024-11-03T12:00:00Z'].map((time) =>
      Date.parse(time),
    )
    const { rows } = await evaluate(
      output(windowed(source({}), window, [count]), 'complete'),
      at(...times),
      { end: 'bounded' },
      'America/Chicago',
    )
    assert.deepEqual(rows, [
      '{"window":{"start":"2024-03-10T00:00:00.000-06:00","end":"2024-03-11T00:00:00.000-05:00"},"n":1}',
      '{"window":{"start":"2024-03-11T00:00:00.000-05:00","end":"2024-03-12T00:00:00.000-05:00"},"n":1}',
      '{"window":{"start":"2024-11-03T00:00:00.000-05:00","end":"2024-11-04T00:00:00.000-06:00"},"n":1}',
    ])
  })

  it('cuts weeks on Monday and months, quarters and years on their first day', async () => {
    const starts = async (unit: 'week' | 'month' | 'quarter' | 'year') => {
      const window = { kind: 'calendar', unit, timeZone: 'UTC' } as const
      const { rows } = await evaluate(
        output(windowed(source({}), window, [count])),
        at(Date.parse('2024-05-15T12:00:00Z'), -1),
      )
      return rows.map(
        (row) => `${JSON.parse(row).window.start.slice(0, 10)} ${JSON.parse(row).window.end.slice(0, 10)}`,
      )
    }
    assert.deepEqual(await starts('week'), ['1969-12-29 1970-01-05', '2024-05-13 2024-05-20'])
    assert.deepEqual(await starts('month'), ['1969-12-01 1970-01-01', '2024-05-01 2024-06-01'])
    assert.deepEqual(await starts('quarter'), ['1969-10-01 1970-01-01', '2024-04-01 2024-07-01'])
    assert.deepEqual(await starts('year'), ['1969-01-01 1970-01-01', '2024-01-01 2025-01-01'])
  })

  it('begins a day that has no midnight at its first instant', async () => {
    const window = { kind: 'calendar', unit: 'day', timeZone: 'America/Sao_Paulo' } as const
    const { rows } = await evaluate(
      output(windowed(source({}), window, [count])),
      at(Date.parse('2018-11-04T12:00:00Z')),
      { end: 'bounded' },
      'America/Sao_Paulo',
    )
    assert.deepEqual(rows, [
      '{"window":{"start":"2018-11-04T01:00:00.000-02:00","end":"2018-11-05T00:00:00.000-02:00"},"n":1}',
    ])
  })

  it('refuses session windows and deduplication with the reason', async () => {
    const session = output(windowed(source({}), { kind: 'session', gapMs: 5 }, [count]), 'append')
    await assert.rejects(evaluate(session, []), {
      code: 'MSB_PLAN_UNSUPPORTED',
      message: /session window: whether a session is still open/,
    })
    const distinct = output(windowed({ kind: 'Deduplicate', input: source({}), keys: ['at'] }, tumbling(5), [count]))
    await assert.rejects(evaluate(distinct, []), {
      code: 'MSB_PLAN_UNSUPPORTED',
      message: /Deduplicate: whether a key still lives/,
    })
  })
})

describe('rows and keys from DuckDB', () => {
  it('writes groups, then results, with keys escaped and nulls first', async () => {
    const node = output(
      windowed(
        source({ area: text, day: date, id: uuid, fare: decimal(10, 2) }),
        tumbling(1000),
        [named('total', aggregate('sum', field('fare')))],
        ['area', 'day', 'fare'],
      ),
    )
    const id = '00000000-0000-0000-0000-00000000000a'
    const result = await evaluate(
      node,
      records([
        { at: 1, area: 'a|b%~"', day: 1, id, fare: -50n },
        { at: 2, area: null, day: null, id, fare: 1250n },
      ]),
    )
    assert.deepEqual(result.rows, [
      '{"window":{"start":"1970-01-01T00:00:00.000Z","end":"1970-01-01T00:00:01.000Z"},"area":null,"day":null,"fare":12.50,"total":12.50}',
      '{"window":{"start":"1970-01-01T00:00:00.000Z","end":"1970-01-01T00:00:01.000Z"},"area":"a|b%~\\"","day":"1970-01-02","fare":-0.50,"total":-0.50}',
    ])
    assert.deepEqual(result.keys, ['0|~|~|12.50', '0|a%7Cb%25%7E"|1970-01-02|-0.50'])
  })

  it('orders texts by their UTF-8 bytes', async () => {
    const node = output(windowed(source({ area: text }), tumbling(10), [count], ['area']))
    const { rows } = await evaluate(
      node,
      records(['\u{1F600}', '\uFFFD', 'b', 'B', 'é', ''].map((area) => ({ at: 1, area }))),
    )
    assert.deepEqual(
      rows.map((row) => JSON.parse(row).area),
      ['', 'B', 'b', 'é', '\uFFFD', '\u{1F600}'],
    )
  })

  it('gives one row for each record without a window, by partition and offset', async () => {
    const project = {
      kind: 'Project',
      input: source({ n: long, x: double }),
      columns: [
        named('n', field('n')),
        named('when', field('at')),
        named('twice', call('add', field('x'), field('x'))),
      ],
    } as const
    const rows = records(
      [
        { at: 0, n: 9007199254740993n, x: 0.1 },
        { at: 1, n: null, x: null },
      ],
      3,
    )
    const result = await evaluate(output(project, 'append'), rows, { end: 'as-stream' }, 'Asia/Kolkata')
    assert.deepEqual(result.rows, [
      '{"n":9007199254740993,"when":"1970-01-01T05:30:00.000+05:30","twice":0.2}',
      '{"n":null,"when":"1970-01-01T05:30:00.001+05:30","twice":null}',
    ])
    assert.deepEqual(result.keys, ['3|0', '3|1'])
    assert.equal(result.late, 0)
  })

  it('keeps the event time of a record that a projection hides or replaces', async () => {
    const columns = [named('at', literal(timestamp, 0)), named('word', cast(field('at'), text))]
    const node = output(
      windowed({ kind: 'Project', input: source({}), columns }, tumbling(10), [
        named('first', aggregate('min', field('word'))),
      ]),
    )
    assert.deepEqual((await evaluate(node, at(25))).rows, [
      '{"window":{"start":"1970-01-01T00:00:00.020Z","end":"1970-01-01T00:00:00.030Z"},"first":"1970-01-01T00:00:00.025Z"}',
    ])
  })

  it('tells fields apart that differ only in case', async () => {
    const node = output(
      windowed(source({ Fare: int, fare: int, OFFSET: int }), tumbling(10), [
        named('a', aggregate('sum', field('Fare'))),
        named('A', aggregate('sum', field('fare'))),
      ]),
    )
    const { rows } = await evaluate(node, records([{ at: 1, Fare: 1, fare: 2, OFFSET: 3 }]))
    assert.match(rows[0]!, /"a":1,"A":2}$/)
  })

  it('answers several queries and streams without records', async () => {
    const windows = {
      a: output(windowed(source({}), tumbling(10), [count]), 'append'),
      b: output(source({}), 'append'),
    }
    const { queries } = await evaluateWithDuckDb(app(windows), {}, { end: 'open' })
    assert.deepEqual(queries, {
      a: { rows: [], keys: [], late: 0, lateRecords: [] },
      b: { rows: [], keys: [], late: 0, lateRecords: [] },
    })
  })
})
