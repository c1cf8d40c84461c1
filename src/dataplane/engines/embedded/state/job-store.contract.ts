import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResultReader, RowSelection } from '../../../sinks/sink.ts'
import { type JobStore, NO_STATE, type QueryCommit, type StateChanges } from './job-store.ts'

/** A place for a job's state: `open` opens it as a job, `read` as somebody who looks at results. */
export interface JobStoreBench {
  open(): JobStore | Promise<JobStore>
  read(): ResultReader
  dispose(): void
}

const commit = ({
  state = {},
  ...changes
}: Partial<QueryCommit> & { state?: Partial<StateChanges> } = {}): QueryCommit => ({
  query: 'q',
  positions: [{ partition: 0, offset: 5, generation: 'g1', maxEventTime: 1000, revision: 0 }],
  closedUpToMs: 500,
  rows: [],
  removedKeys: [],
  late: [],
  takeState: () => ({ ...NO_STATE, ...state }),
  ...changes,
})
const row = (windowStart: number, text: string) => ({
  key: String(windowStart),
  windowStart,
  windowEnd: windowStart + 1000,
  row: text,
})
const page = (number: number, byte: number) => ({
  page: number,
  paneStart: 1000 * number,
  body: new Uint8Array([byte]),
})

/** What every job store must do: one commit is everything or nothing, and comes back as it was. */
export function jobStoreContract(name: string, create: () => JobStoreBench): void {
  const test = (title: string, body: (bench: JobStoreBench, store: JobStore) => Promise<void>): void => {
    it(title, async () => {
      const bench = create()
      const store = await bench.open()
      await store.resetQuery('q', 'f1')
      try {
        await body(bench, store)
      } finally {
        await store.close()
        bench.dispose()
      }
    })
  }

  describe(`${name} is a job store`, () => {
    test('what was committed is there when it is opened again', async (bench, store) => {
      const group = { id: 3, key: 'a', fields: '"id":"a",' }
      await store.commit([
        commit({
          state: {
            groups: { added: [group], removed: [] },
            panes: { written: [page(0, 1), page(1, 2)], dropped: [] },
            patches: { written: [page(0, 9)], dropped: [] },
            keys: { written: [page(0, 7)], dropped: [] },
          },
        }),
      ])
      await store.close()
      const again = await bench.open()
      assert.deepEqual(again.queries(), [
        {
          query: 'q',
          fingerprint: 'f1',
          lateRecords: 0,
          boundMs: Number.NEGATIVE_INFINITY,
          positions: [{ partition: 0, offset: 5, generation: 'g1', maxEventTime: 1000, revision: 0 }],
        },
      ])
      const { closedUpToMs, groups, panes, patches, keys } = again.loadState('q')
      assert.deepEqual([closedUpToMs, groups], [500, [group]])
      assert.deepEqual(
        panes.map(({ page: number, paneStart, body }) => [number, paneStart, ...body]),
        [
          [0, 0, 1],
          [1, 1000, 2],
        ],
      )
      assert.deepEqual(
        [patches, keys].map((pages) => pages.map(({ body }) => [...body])),
        [[[9]], [[7]]],
      )
      await again.close()
    })

    test('infinities come back as they were', async (_bench, store) => {
      await store.commit([
        commit({
          closedUpToMs: Number.NEGATIVE_INFINITY,
          positions: [
            { partition: 0, offset: 1, generation: 'g', maxEventTime: Number.NEGATIVE_INFINITY, revision: 0 },
          ],
        }),
      ])
      assert.equal(store.loadState('q').closedUpToMs, Number.NEGATIVE_INFINITY)
      assert.equal(store.queries()[0]!.positions[0]!.maxEventTime, Number.NEGATIVE_INFINITY)
    })

    test('rows are replaced by key, and removed', async (bench, store) => {
      await store.commit([commit({ rows: [row(2000, '{"n":1}'), row(1000, '{"n":1}')] })])
      await store.commit([commit({ rows: [row(1000, '{"n":2}'), row(3000, '{"n":1}')], removedKeys: ['2000'] })])
      const reader = bench.read()
      assert.deepEqual(
        [...reader.rows('q')].map((found) => [found.key, found.row]),
        [
          ['1000', '{"n":2}'],
          ['3000', '{"n":1}'],
        ],
      )
      assert.equal(reader.rowCount('q'), 2)
      reader.close()
    })

    test('rows are selected by time, by key and from a place on, in order', async (bench, store) => {
      const records = Array.from({ length: 12 }, (_, i) => ({
        key: `0|${i}`,
        windowStart: null,
        windowEnd: null,
        row: '{}',
      }))
      await store.resetQuery('records', 'f')
      await store.commit([
        commit({ rows: [row(1000, '{}'), row(2000, '{}'), row(3000, '{}')] }),
        commit({ query: 'records', rows: records }),
      ])
      const reader = bench.read()
      const keys = (query: string, selection: RowSelection): readonly string[] =>
        [...reader.select(query, selection)].map(({ key }) => key)
      assert.deepEqual(keys('q', { newestFirst: true }), ['3000', '2000', '1000'])
      assert.deepEqual(keys('q', { fromMs: 1000, toMs: 3000 }), ['1000', '2000'])
      assert.deepEqual(keys('q', { key: '2000' }), ['2000'])
      assert.deepEqual(keys('q', { after: { windowStart: 1000, key: '1000' } }), ['2000', '3000'])
      assert.deepEqual(keys('q', { after: { windowStart: 1000, key: '1000|gone' } }), ['2000', '3000'])
      assert.deepEqual(keys('records', { after: { windowStart: null, key: '0|8' } }), ['0|9', '0|10', '0|11'])
      reader.close()
    })

    test('late records add up over commits', async (bench, store) => {
      const late = { partition: 0, offset: 7, eventTimeMs: 100, windows: [0, 50], record: '{"at":100}' }
      await store.commit([commit({ late: [late] })])
      await store.commit([commit({ late: [{ ...late, offset: 9 }] })])
      assert.equal(store.queries()[0]!.lateRecords, 2)
      const reader = bench.read()
      assert.deepEqual([...reader.late('q')], [late, { ...late, offset: 9 }])
      assert.deepEqual([...reader.late('q', { partition: 0, offset: 8 })], [{ ...late, offset: 9 }])
      assert.equal(reader.lateRecords('q'), 2)
      reader.close()
    })

    test('a reset forgets the query and nothing else', async (bench, store) => {
      await store.resetQuery('other', 'f2')
      await store.commit([
        commit({ rows: [row(1000, '{"n":1}')], state: { panes: { written: [page(0, 1)], dropped: [] } } }),
        commit({ query: 'other', rows: [row(1000, '{"n":1}')] }),
      ])
      await store.resetQuery('q', 'f3')
      const reader = bench.read()
      assert.deepEqual([reader.rowCount('q'), reader.rowCount('other')], [0, 1])
      reader.close()
      assert.deepEqual(store.loadState('q').panes, [])
      assert.deepEqual(
        store.queries().map(({ query, fingerprint, positions }) => [query, fingerprint, positions.length]),
        [
          ['other', 'f2', 1],
          ['q', 'f3', 0],
        ],
      )
    })

    test('a reset on a log that has lost its beginning carries over what cannot be computed again, and marks it', async (bench, store) => {
      const late = (offset: number, windows: readonly number[]) => ({
        partition: 0,
        offset,
        eventTimeMs: 100,
        windows,
        record: '{}',
      })
      const record = (offset: number) => ({ key: `0|${offset}`, windowStart: null, windowEnd: null, row: '{}' })
      await store.commit([
        commit({
          rows: [row(1000, '{"n":1}'), row(2000, '{"n":2}'), row(3000, '{"n":3}'), record(9), record(10)],
          // Two of them are late for deduplication: no window was missed, and what counts is whether the record is still there.
          late: [late(4, [0, 1000]), late(8, []), late(12, [2000, 3000]), late(13, [3000]), late(14, [])],
          state: { panes: { written: [page(0, 1)], dropped: [] } },
        }),
      ])
      assert.equal(await store.resetQuery('q', 'f2', { boundMs: 2000, starts: [10] }), 3)
      const reader = bench.read()
      const rows = () => [...reader.rows('q')].map(({ key, carriedOver }) => [key, carriedOver])
      const carried = [
        ['0|9', true],
        ['1000', true],
        ['2000', true],
      ]
      assert.deepEqual(rows(), carried)
      assert.deepEqual([...reader.late('q')], [late(4, [0, 1000]), late(8, []), late(12, [2000])])
      assert.deepEqual(store.loadState('q').panes, [])
      assert.deepEqual(
        store.queries().map(({ lateRecords, boundMs, positions }) => [lateRecords, boundMs, positions.length]),
        [[3, 2000, 0]],
      )
      await store.commit([commit({ rows: [row(3000, '{"n":4}')], late: [late(12, [3000])] })])
      assert.deepEqual(rows(), [...carried, ['3000', false]])
      assert.equal(reader.lateRecords('q'), 4)
      assert.deepEqual(store.carriedKeys('q', 2000), ['1000'])
      assert.equal(await store.resetQuery('q', 'f3', { boundMs: 3000, starts: [20] }), 4)
      assert.deepEqual(rows(), [...carried, ['3000', true]])
      assert.deepEqual([...reader.late('q')], [late(4, [0, 1000]), late(8, []), late(12, [2000]), late(12, [3000])])
      await store.resetQuery('q', 'f4')
      assert.deepEqual([rows(), [...reader.late('q')]], [[], []])
      reader.close()
    })

    test('a checkpoint says whether readers let it bring everything onto the disk', async (bench, store) => {
      await store.commit([commit({ rows: [row(1000, '{"n":1}')] })])
      assert.equal(store.checkpoint(), true)
      const reader = bench.read()
      const reading = reader.rows('q')[Symbol.iterator]()
      reading.next()
      await store.commit([commit({ rows: [row(2000, '{"n":1}')] })])
      assert.equal(store.checkpoint(), false)
      assert.equal(reading.next().done, true)
      reader.close()
      assert.equal(store.checkpoint(), true)
    })

    test('a reader sees whole commits while the job goes on', async (bench, store) => {
      await store.commit([commit({ rows: [row(1000, '{"n":1}')] })])
      const reader = bench.read()
      await store.commit([commit({ rows: [row(2000, '{"n":1}')] })])
      assert.equal(reader.rowCount('q'), 2)
      reader.close()
    })

    test('a reader that holds sees the results of one commit, and knows which', async (bench, store) => {
      assert.equal(bench.read().hold(), undefined)
      const beginning = store.beginGeneration()
      const first = await store.commit([commit({ rows: [row(1000, '{"n":1}')] })])
      assert.deepEqual([beginning.sequence, first], [0, { generation: beginning.generation, sequence: 1 }])
      const reader = bench.read()
      assert.deepEqual(reader.hold(), first)
      await store.commit([commit({ rows: [row(2000, '{"n":1}')] })])
      assert.equal(reader.rowCount('q'), 1)
      reader.close()
    })

    test('each opening is a generation of its own', async (bench, store) => {
      const { generation } = store.beginGeneration()
      await store.close()
      const again = await bench.open()
      assert.notEqual(again.beginGeneration().generation, generation)
      await again.close()
    })
  })
}
