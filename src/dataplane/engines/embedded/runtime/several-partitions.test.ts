import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { app } from '#language/query/app.ts'
import { count } from '#language/query/expressions.ts'
import { schema, timestamp } from '#language/query/fields.ts'
import { stream } from '#language/query/stream.ts'
import { tumbling } from '#language/query/windows.ts'
import type { StreamLog, StreamReader } from '../../../brokers/broker.ts'
import { LocalBroker } from '../../../brokers/local/local-broker.ts'
import { createJsonDecoder } from '../../../decoding/decoder.ts'
import type { Job } from '../../engine.ts'
import { EmbeddedEngine } from '../embedded-engine.ts'
import { SqliteJobStore } from '../state/sqlite-job-store.ts'

const tick = schema('tick', { at: timestamp() })
const source = { schema: tick, eventTime: 'at', timeZone: 'UTC' }
const ticks = app(
  'clock',
  { timeZone: 'UTC' },
  {
    minutes: stream('ticks', { schema: tick, eventTime: 'at', watermark: '0 seconds', maxFutureSkew: 'none' })
      .window(tumbling('1 minute'))
      .aggregate({ n: count() })
      .output('append'),
  },
)

const SECOND = 1000
const BATCH = 1000

/** Records one second apart, in batches as a log has them. */
async function appendTicks(log: StreamLog, partition: number, fromSecond: number, toSecond: number): Promise<void> {
  const decoder = createJsonDecoder(source)
  for (let from = fromSecond; from < toSecond; from += BATCH) {
    const seconds = Array.from({ length: Math.min(BATCH, toSecond - from) }, (_, index) => from + index)
    decoder.write(Buffer.from(seconds.map((second) => `{"at":${second * SECOND}}\n`).join('')))
    await log.append({
      partition,
      arrivalMs: 0,
      decoded: decoder.take(BATCH, { arrivalMs: 0, maxFutureSkewMs: null })!,
    })
  }
}

/** The same log; each reading that brought something is noted: its partition, and the last second in it. */
function watched(log: StreamLog, readings: { partition: number; second: number }[]): StreamReader {
  return {
    spec: log.spec,
    async read(partition, fromOffset, maxRecords) {
      const batches = await log.read(partition, fromOffset, maxRecords)
      const last = batches.at(-1)
      if (last !== undefined) readings.push({ partition, second: last.maxEventTime / SECOND })
      return batches
    },
    bounds: (partition) => log.bounds(partition),
    size: (partition) => log.size(partition),
    deadLetters: (partition, query) => log.deadLetters(partition, query),
    deadLetterCounts: (partition) => log.deadLetterCounts(partition),
    close: () => log.close(),
  }
}

async function withTicks(
  seconds: readonly (readonly [from: number, to: number])[],
  run: (job: Job, readings: readonly { partition: number; second: number }[], log: StreamLog) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-partitions-'))
  const broker = new LocalBroker({ folder: join(folder, 'log') })
  const log = await broker.openStream({ topic: 'clock_ticks', ...source, partitions: seconds.length })
  for (const [partition, [from, to]] of seconds.entries()) await appendTicks(log, partition, from, to)
  const readings: { partition: number; second: number }[] = []
  const engine = new EmbeddedEngine(() => new SqliteJobStore(join(folder, 'job.db')))
  const streams = new Map([['ticks', watched(log, readings)]])
  const job = await engine.openJob({ plan: ticks.plan, streams, lateness: 'watermark' })
  try {
    await run(job, readings, log)
  } finally {
    await job.close()
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

test('partitions are read at the same pace of event time, however many records each has', () =>
  withTicks(
    [
      [0, 60_000],
      [0, 60_000],
      [30_000, 60_000],
    ],
    async (job, readings) => {
      while (await job.step());
      const reached = [-1, -1, -1]
      for (const { partition, second } of readings) {
        const behind = reached.filter((seconds, other) => other !== partition && seconds < reached[partition]!)
        assert.deepEqual(behind, [], `partition ${partition} was read while another one was behind it`)
        reached[partition] = second
      }
      assert.deepEqual(reached, [59_999, 59_999, 59_999])
    },
  ))

test('a partition at its end keeps none of the others waiting, and holds their windows open', () =>
  withTicks(
    [
      [0, 50_000],
      [0, 120],
    ],
    async (job, readings, log) => {
      while (await job.step());
      const [minutes] = job.status.queries
      assert.deepEqual(
        minutes!.positions.map(({ offset }) => offset),
        [50_000, 120],
      )
      assert.equal(minutes!.closedUpToMs, 119 * SECOND)
      await appendTicks(log, 1, 50_000, 50_001)
      while (await job.step());
      assert.equal(job.status.queries[0]!.closedUpToMs, 49_999 * SECOND)
      assert.ok(readings.length > 0)
    },
  ))

test('a partition without any record holds all windows open', () =>
  withTicks(
    [
      [0, 500],
      [0, 0],
    ],
    async (job) => {
      while (await job.step());
      const [minutes] = job.status.queries
      assert.deepEqual([minutes!.closedUpToMs, minutes!.openWindowEndMs], [-Infinity, 60 * SECOND])
    },
  ))
