import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type App, app } from '#language/query/app.ts'
import { count, sum } from '#language/query/expressions.ts'
import { decimal, schema, string, timestamp } from '#language/query/fields.ts'
import { stream } from '#language/query/stream.ts'
import { session, sliding, tumbling } from '#language/query/windows.ts'
import type { StreamLog } from '../brokers/broker.ts'
import type { Engine, Job, JobSpec, QueryStatus } from './engine.ts'

/** A place with a log of the stream `readings` (one partition) and an engine over it, as a process would open them. */
export interface EngineBench {
  readonly engine: Engine
  readonly log: StreamLog
  /** Appends NDJSON to the log. */
  append(ndjson: string): Promise<void>
  /** The rows of a query as JSON texts by result key. */
  rows(query: string): ReadonlyMap<string, string>
  /** The same place, opened again. */
  reopen(): Promise<EngineBench>
  dispose(): Promise<void>
}

const reading = schema('reading', { at: timestamp(), id: string().nullable(), v: decimal(10, 2).nullable() })
const readings = stream('readings', { schema: reading, eventTime: 'at', watermark: '10 seconds' })
const windows = readings.window(tumbling('5 seconds'))

/** The stream that every app of the contract reads. */
export const contractSource = { schema: reading, eventTime: 'at', timeZone: 'UTC' } as const

const totals = app(
  'contract',
  { timeZone: 'UTC' },
  { totals: windows.aggregate({ n: count(), total: sum('v') }).output('update') },
)
const changed = app('contract', { timeZone: 'UTC' }, { totals: windows.aggregate({ n: count() }).output('update') })
const appended = app(
  'contract',
  { timeZone: 'UTC' },
  { totals: windows.groupBy('id').aggregate({ n: count() }).output('append') },
)
const overlapping = app(
  'contract',
  { timeZone: 'UTC' },
  { totals: readings.window(sliding('10 seconds', '5 seconds')).aggregate({ n: count() }).output('append') },
)
const windowTotals = windows.aggregate({ n: count(), total: sum('v') })
const finals = app('contract', { timeZone: 'UTC' }, { totals: windowTotals.output('append') })
const renamed = app('contract', { timeZone: 'UTC' }, { sums: windowTotals.output('update') })
const sessions = app(
  'contract',
  { timeZone: 'UTC' },
  { totals: readings.deduplicate('v').window(session('5 seconds')).aggregate({ n: count() }).output('append') },
)

const line = (at: number, v: string, id = 'a'): string => `{"at":${at},"id":"${id}","v":${v}}\n`

/** What every engine must do with a job, whatever it computes; what it computes is the corpus' business. */
export function engineContract(name: string, create: () => Promise<EngineBench>): void {
  const test = (title: string, body: (bench: EngineBench) => Promise<void>): void => {
    it(title, async () => {
      const bench = await create()
      try {
        await body(bench)
      } finally {
        await bench.dispose()
      }
    })
  }
  const open = ({ engine, log }: EngineBench, { plan }: App, spec: Partial<JobSpec> = {}): Promise<Job> =>
    engine.openJob({ plan, streams: new Map([['readings', log]]), lateness: 'watermark', ...spec })
  const drain = async (job: Job): Promise<Job> => {
    while (await job.step());
    return job
  }

  describe(`${name} runs jobs`, () => {
    test('a step says whether something was read', async (bench) => {
      const job = await open(bench, totals)
      assert.equal(await job.step(), false)
      await bench.append(line(1000, '1.50'))
      assert.equal(await job.step(), true)
      assert.equal(await job.step(), false)
      await job.close()
      assert.deepEqual(
        [...bench.rows('totals').values()].map((row) => row.slice(row.indexOf('"n"'))),
        ['"n":1,"total":1.50}'],
      )
    })

    test('a job that is opened again goes on where it stopped', async (bench) => {
      await bench.append(line(1000, '1.50'))
      ;(await drain(await open(bench, totals))).close()
      const again = await bench.reopen()
      try {
        await again.append(line(2000, '2.00'))
        ;(await drain(await open(again, totals))).close()
        assert.match(again.rows('totals').get('0')!, /"n":2,"total":3\.50\}$/)
      } finally {
        await again.dispose()
      }
    })

    test('a job that is opened again knows open sessions and keys, and status names the first session to end', async (bench) => {
      await bench.append(line(1000, '1') + line(4000, '2'))
      const job = await drain(await open(bench, sessions))
      assert.equal(job.status.queries[0]!.openWindowEndMs, 9000)
      await job.close()
      const again = await bench.reopen()
      try {
        await again.append(line(7000, '2') + line(8000, '3') + line(23_000, '4'))
        ;(await drain(await open(again, sessions))).close()
        assert.deepEqual([...again.rows('totals').keys()], ['1000'])
        assert.match(again.rows('totals').get('1000')!, /"end":"1970-01-01T00:00:13.000Z"},"n":3}$/)
      } finally {
        await again.dispose()
      }
    })

    test('an append row comes when its window closes, and finish closes all', async (bench) => {
      await bench.append(line(1000, '1') + line(14_999, '1'))
      const job = await drain(await open(bench, appended))
      assert.deepEqual([...bench.rows('totals').keys()], [])
      await bench.append(line(15_000, '1'))
      await drain(job)
      assert.deepEqual([...bench.rows('totals').keys()], ['0|a'])
      await job.finish()
      await job.finish()
      await job.close()
      assert.deepEqual([...bench.rows('totals').keys()].sort(), ['0|a', '10000|a', '15000|a'])
    })

    test('status says how far each query is and how many records were late', async (bench) => {
      await bench.append(line(60_000, '1') + line(1000, '1'))
      const job = await drain(await open(bench, totals))
      assert.deepEqual(
        job.status.queries.map(({ query, lateRecords, positions }) => ({
          query,
          lateRecords,
          offsets: positions.map(({ offset }) => offset),
        })),
        [{ query: 'totals', lateRecords: 1, offsets: [2] }],
      )
      await job.close()
    })

    test('status says up to where windows are closed, and when the first one that is open ends', async (bench) => {
      const statusOf = async (app: App) => {
        const job = await drain(await open(bench, app))
        await job.close()
        const [{ closedUpToMs, openWindowEndMs }] = job.status.queries as [QueryStatus]
        return { closedUpToMs, openWindowEndMs }
      }
      await bench.append(line(7000, '1') + line(12_000, '1'))
      assert.deepEqual(await statusOf(appended), { closedUpToMs: 2000, openWindowEndMs: 10_000 })
      await bench.append(line(21_000, '1'))
      assert.deepEqual(await statusOf(appended), { closedUpToMs: 11_000, openWindowEndMs: 15_000 })
      assert.deepEqual(
        await statusOf(appended),
        { closedUpToMs: 11_000, openWindowEndMs: 15_000 },
        'also when opened anew',
      )
    })

    test('a window that is closed is none that is open, though they share records', async (bench) => {
      await bench.append(line(7000, '1') + line(21_000, '1'))
      const job = await drain(await open(bench, overlapping))
      await job.close()
      assert.equal(job.status.queries[0]!.openWindowEndMs, 15_000)
    })

    test('a commit says what it read for the first time, and is announced before it is written', async (bench) => {
      const said: string[] = []
      const follow = (rebuild: readonly string[]) =>
        open(bench, totals, {
          rebuild,
          onCommitBegun: () => said.push('begun'),
          onCommit: ({ read }) => said.push(`read ${read.map(({ stream, records }) => `${records} of ${stream}`)}`),
        })
      await bench.append(line(1000, '1') + line(2000, '1'))
      ;(await drain(await follow([]))).close()
      assert.deepEqual(said, ['read ', 'begun', 'read 2 of readings'])
    })

    test('state of a changed query is refused, and rebuilt when asked for', async (bench) => {
      await bench.append(line(1000, '1.50'))
      ;(await drain(await open(bench, totals))).close()
      await assert.rejects(open(bench, changed), {
        code: 'MSB_STATE_FINGERPRINT',
        message: /query 'totals' has changed/,
      })
      ;(await drain(await open(bench, changed, { rebuild: ['totals'] }))).close()
      assert.match(bench.rows('totals').get('0')!, /"n":1\}$/)
    })

    test('opening a job to rebuild forgets nothing: that begins with the first step', async (bench) => {
      await bench.append(line(1000, '1.50'))
      ;(await drain(await open(bench, totals))).close()
      const row = bench.rows('totals').get('0')!
      ;(await open(bench, totals, { rebuild: 'all' })).close()
      assert.equal(bench.rows('totals').get('0'), row)
      ;(await drain(await open(bench, changed, { rebuild: 'all' }))).close()
      assert.match(bench.rows('totals').get('0')!, /"n":1\}$/)
    })

    test('a query of which only the output changed goes on with its state when that is to be kept', async (bench) => {
      await bench.append(line(1000, '1.50'))
      ;(await drain(await open(bench, totals))).close()
      assert.deepEqual([...bench.rows('totals').keys()], ['0'])
      const job = await open(bench, finals, { keep: ['totals'] })
      await drain(job)
      assert.deepEqual([...bench.rows('totals').keys()], [], 'the row of an open window is not final')
      await bench.append(line(2000, '2.00') + line(15_000, '1'))
      ;(await drain(job)).close()
      assert.match(bench.rows('totals').get('0')!, /"n":2,"total":3\.50\}$/)
      await assert.rejects(open(bench, totals), { code: 'MSB_STATE_FINGERPRINT' })
    })

    test('what is stored of a query that is no more is forgotten with the first step', async (bench) => {
      await bench.append(line(1000, '1.50'))
      ;(await drain(await open(bench, totals))).close()
      const other = await open(bench, renamed)
      assert.deepEqual([...bench.rows('totals').keys()], ['0'])
      ;(await drain(other)).close()
      assert.deepEqual([[...bench.rows('totals').keys()], [...bench.rows('sums').keys()]], [[], ['0']])
    })
  })
}
