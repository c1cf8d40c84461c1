import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { armFaults, disarmFaults, type FaultPoint, SimulatedCrash } from '#foundation/faults/fault-points.ts'
import type { StreamLog } from '../broker.ts'
import { readAll } from '../broker-bench.contract.ts'
import { expectedAt, numbered, recordsOf, SyntheticDecoder, syntheticStream } from '../synthetic-records.contract.ts'
import { LocalBroker, type LocalBrokerOptions } from './local-broker.ts'
import { PartitionReader } from './partition-reader.ts'
import { SegmentList } from './segment-list.ts'

const BATCH = 10
const NOBODY = new Map([[0, Infinity]])
const byTime = (timeMs: number) => ({ timeMs, bytes: null })
const bySize = (bytes: number) => ({ timeMs: null, bytes })

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-retention-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A broker with a segment for each batch, closed after the test. */
function openBroker(t: TestContext, folder: string, options: Partial<LocalBrokerOptions> = {}): LocalBroker {
  const broker = new LocalBroker({ folder, segmentBytesMax: 1, ...options })
  t.after(() => broker.close())
  return broker
}

/** Appends batches of the numbered stream that arrive at `arrivalMs`. */
async function appendBatches(log: StreamLog, batches: number, arrivalMs = 0, records = BATCH): Promise<void> {
  const decoder = new SyntheticDecoder()
  for (let batch = 0; batch < batches; batch++) {
    const { end } = await log.bounds(0)
    await log.append({ partition: 0, decoded: decoder.decode(numbered(end, end + records)), arrivalMs })
  }
}

const partitionFolder = (folder: string): string => join(folder, 'test_trips', 'partition-0')
const filesOf = (folder: string): string[] => readdirSync(partitionFolder(folder))
const diskBytes = (folder: string): number =>
  filesOf(folder).reduce((sum, name) => sum + statSync(join(partitionFolder(folder), name)).size, 0)

test('segments whose records all arrived too long ago are deleted, and never the last one', async (t) => {
  const folder = temporaryFolder(t)
  const log = await openBroker(t, folder).openStream(syntheticStream(), byTime(1000))
  for (const arrivalMs of [0, 400, 800]) await appendBatches(log, 1, arrivalMs)
  await log.applyRetention(1000, NOBODY)
  assert.equal((await log.bounds(0)).start, 0)
  await log.applyRetention(1401, NOBODY)
  const { start, maxEventTimeBeforeStart, end } = await log.bounds(0)
  assert.deepEqual([start, maxEventTimeBeforeStart, end], [20, 19_000, 30])
  assert.deepEqual(await log.size(0), { ...(await log.size(0)), segments: 1, oldestArrivalMs: 800 })
  await log.applyRetention(1e9, NOBODY)
  assert.deepEqual(recordsOf(await readAll(log, 0, 20)), expectedAt(20, numbered(20, 30)))
  await assert.rejects(log.read(0, 10, 10), { code: 'MSB_LOG_OFFSET_OUT_OF_RANGE', message: /the log begins at 20/ })
  assert.deepEqual(
    filesOf(folder).filter((name) => name.includes('00000.db') || name.includes('00010.db')),
    [],
  )
})

test('a clock that was set back does not make a segment older than its newest record', async (t) => {
  const log = await openBroker(t, temporaryFolder(t), { segmentBytesMax: 1e6 }).openStream(
    syntheticStream(),
    byTime(1000),
  )
  await appendBatches(log, 1, 900)
  await appendBatches(log, 1, 0)
  await appendBatches(log, 1, 1800)
  assert.equal((await log.size(0)).segments, 2)
  await log.applyRetention(1850, NOBODY)
  assert.equal((await log.bounds(0)).start, 0)
  await log.applyRetention(1901, NOBODY)
  assert.equal((await log.bounds(0)).start, 20)
})

test('a log larger than its retention loses segments from the front, up to what a reader needs', async (t) => {
  const log = await openBroker(t, temporaryFolder(t)).openStream(syntheticStream(), bySize(1_000_000))
  await appendBatches(log, 10)
  assert.equal((await log.bounds(0)).start, 0, 'nobody has said what is not needed')
  await log.applyRetention(0, new Map([[0, 35]]))
  assert.equal((await log.bounds(0)).start, 30)
  await log.applyRetention(0, NOBODY)
  const { start } = await log.bounds(0)
  assert.ok(start > 30 && (await log.size(0)).bytes <= 1_000_000)
  await appendBatches(log, 4)
  assert.ok((await log.bounds(0)).start > start, 'it goes on when a segment begins')
  assert.ok((await log.size(0)).bytes <= 1_300_000)
})

test('a segment begins when the records of the last one are old, so that they can go', async (t) => {
  const log = await openBroker(t, temporaryFolder(t), { segmentBytesMax: 1e9 }).openStream(
    syntheticStream(),
    byTime(8000),
  )
  for (let arrivalMs = 0; arrivalMs <= 40_000; arrivalMs += 250) await appendBatches(log, 1, arrivalMs, 1)
  await log.applyRetention(40_000, NOBODY)
  const { oldestArrivalMs, segments } = await log.size(0)
  assert.ok(oldestArrivalMs! >= 40_000 - 8000 - 1250 && oldestArrivalMs! <= 32_000, `${oldestArrivalMs}`)
  assert.ok(segments <= 10)
})

test('a producer is forgotten when a segment begins after the retention of its last record', async (t) => {
  const folder = temporaryFolder(t)
  const broker = openBroker(t, folder)
  const log = await broker.openStream(syntheticStream(), byTime(1000))
  const { epoch } = await log.openProducer('old')
  await log.openProducer('waiting')
  const send = (producerId: string, baseSequence: number, arrivalMs: number) =>
    log.append({
      partition: 0,
      decoded: new SyntheticDecoder().decode(numbered(baseSequence, baseSequence + 5)),
      arrivalMs,
      producer: { producerId, epoch, baseSequence },
    })
  await send('old', 0, 0)
  await appendBatches(log, 1, 1000)
  assert.equal((await log.knownProducer('old'))?.nextSequences[0], 5)
  await appendBatches(log, 1, 1001)
  assert.equal(await log.knownProducer('old'), undefined)
  await assert.rejects(send('old', 5, 1002), {
    code: 'MSB_LOG_PRODUCER_FENCED',
    message: /not any more/,
    hint: /counts again/,
  })
  assert.equal((await send('waiting', 0, 1500)).accepted, 5)
  await broker.close()
  const again = await openBroker(t, folder).openStream(syntheticStream(), byTime(1000))
  assert.equal(await again.knownProducer('old'), undefined)
  assert.deepEqual((await again.knownProducer('waiting'))?.nextSequences, [5])
  assert.deepEqual((await again.openProducer('old')).nextSequences, [0])
})

test('without a retention a full log refuses what does not fit, says so, and appends nothing', async (t) => {
  const folder = temporaryFolder(t)
  const log = await openBroker(t, folder, { segmentBytesMax: 1e9, logBytesMax: 1_000_000 }).openStream(
    syntheticStream(),
  )
  const full = {
    code: 'MSB_LOG_FULL',
    message: /partition 0 of 'test_trips', holds .* KB and may hold 1 MB: .* has no retention/,
  }
  await assert.rejects(appendBatches(log, 1000, 0, 1000), full)
  const { end } = await log.bounds(0)
  assert.ok(end > 10_000 && end % 1000 === 0)
  await log.applyRetention(1e12, NOBODY)
  await assert.rejects(appendBatches(log, 1, 0, 1000), full)
  assert.deepEqual(recordsOf(await readAll(log)), expectedAt(0, numbered(0, end)))
  assert.ok((await log.size(0)).bytes <= 1_000_000)
})

test('with a retention the limit is kept past a reader, which is told that it has lost records', async (t) => {
  const folder = temporaryFolder(t)
  const broker = openBroker(t, folder, { segmentBytesMax: 1e9, logBytesMax: 5_000_000 })
  const log = await broker.openStream(syntheticStream(), byTime(1e12))
  const reader = await broker.openReadOnly('test_trips')
  t.after(() => reader.close())
  await appendBatches(log, 1, 0, 1000)
  await reader.read(0, 0, 1)
  let largest = 0
  for (let round = 0; round < 40; round++) {
    await appendBatches(log, 10, 0, 1000)
    largest = Math.max(largest, diskBytes(folder))
  }
  assert.ok((await log.bounds(0)).start > 0)
  assert.ok((await log.size(0)).bytes <= 5_000_000)
  assert.ok(largest <= 5_600_000, `${largest} bytes with the files of SQLite beside the log`)
  await assert.rejects(reader.read(0, 0, 1), { code: 'MSB_LOG_OFFSET_OUT_OF_RANGE', message: /the log begins at \d+/ })
  const { start, end } = await reader.bounds(0)
  assert.deepEqual(recordsOf(await readAll(log, 0, start)), expectedAt(start, numbered(start, end)))
})

test('a limit that one segment fills refuses the rest', async (t) => {
  const log = await openBroker(t, temporaryFolder(t), { segmentBytesMax: 1e9, logBytesMax: 400_000 }).openStream(
    syntheticStream(),
    byTime(1000),
  )
  await assert.rejects(appendBatches(log, 1000, 0, 1000), {
    code: 'MSB_LOG_FULL',
    message: /only its last segment is left/,
  })
})

test('a reader that has listed or opened a segment which is deleted then is told that its records are gone', async (t) => {
  const folder = temporaryFolder(t)
  const log = await openBroker(t, folder).openStream(syntheticStream(), bySize(1))
  await appendBatches(log, 20)
  const listed = new SegmentList(partitionFolder(folder))
  t.after(() => listed.close())
  const reader = new PartitionReader(listed)
  const end = () => 200
  reader.read(0, 1, end)
  await log.applyRetention(0, new Map([[0, 100]]))
  const gone = { code: 'MSB_LOG_OFFSET_OUT_OF_RANGE', message: /the log begins at 100/ }
  // The first segment is still open here; of the second one only the name is known.
  assert.deepEqual(recordsOf(reader.read(0, 1, end)), expectedAt(0, numbered(0, 10)))
  assert.throws(() => reader.read(10, 1, end), gone)
  assert.throws(() => reader.read(0, 1, end), gone)
  assert.equal(reader.start, 100)
  assert.equal(reader.read(100, 1000, end).length, 10)
  const late = new SegmentList(partitionFolder(folder))
  t.after(() => late.close())
  await log.applyRetention(0, new Map([[0, 150]]))
  assert.deepEqual(new PartitionReader(late).deadLetters(0, 10), [])
  assert.equal(new PartitionReader(late).size().segments, 5)
})

test('a crash while segments are deleted leaves each whole or gone, and the rest of its files go at the next opening', async (t) => {
  const points: readonly FaultPoint[] = ['log.segment-retired', 'log.segment-deleted']
  for (const point of points) {
    for (const crashAt of [1, 2, 3]) {
      const folder = temporaryFolder(t)
      const broker = new LocalBroker({ folder, segmentBytesMax: 1 })
      const log = await broker.openStream(syntheticStream(), bySize(1))
      await appendBatches(log, 6)
      armFaults((here, hit) => {
        if (here === point && hit === crashAt) throw new SimulatedCrash(here)
      })
      await assert.rejects(log.applyRetention(0, NOBODY), SimulatedCrash)
      disarmFaults()
      await broker.close()
      // SQLite's own files may outlive the file they belong to.
      writeFileSync(join(partitionFolder(folder), 'segment-00000000000000000000.db-wal'), 'left behind')
      const again = new LocalBroker({ folder, segmentBytesMax: 1 })
      const rest = await again.openStream(syntheticStream(), bySize(1))
      const { start } = await rest.bounds(0)
      assert.equal(start, crashAt * BATCH)
      assert.deepEqual(recordsOf(await readAll(rest, 0, start)), expectedAt(start, numbered(start, 60)))
      assert.deepEqual(
        filesOf(folder).filter((name) => name.endsWith('.retired') || name.startsWith('segment-00000000000000000000')),
        [],
      )
      await rest.applyRetention(0, NOBODY)
      assert.equal((await rest.bounds(0)).start, 50)
      await again.close()
    }
  }
})

test('the greatest event time that a log has lost is that of its records, whatever idle marks came to', async (t) => {
  const folder = temporaryFolder(t)
  const broker = openBroker(t, folder)
  const log = await broker.openStream(syntheticStream(), byTime(1000))
  await appendBatches(log, 1)
  assert.equal(await log.markIdle(0, 15_000), true)
  await appendBatches(log, 1)
  assert.equal(await log.markIdle(0, 40_000), true)
  armFaults((point) => {
    if (point === 'log.segment-created') throw new SimulatedCrash(point)
  })
  await assert.rejects(appendBatches(log, 1, 5000), SimulatedCrash)
  disarmFaults()
  await broker.close()
  const reopened = await openBroker(t, folder).openStream(syntheticStream(), byTime(1000))
  assert.equal((await reopened.bounds(0)).maxEventTime, 40_000)
  await appendBatches(reopened, 1, 5000)
  await reopened.applyRetention(1001, new Map([[0, 10]]))
  assert.deepEqual(await lostAndBefore(reopened), [10, 9_000, [15_000, 40_000]])
  await reopened.applyRetention(1001, NOBODY)
  assert.deepEqual(await lostAndBefore(reopened), [20, 19_000, [40_000]])
})

/** Where the log begins, what it has lost, and the running maximum before each of its batches. */
async function lostAndBefore(log: StreamLog) {
  const { start, maxEventTimeBeforeStart } = await log.bounds(0)
  return [start, maxEventTimeBeforeStart, (await readAll(log, 0, start)).map((batch) => batch.maxEventTimeBefore)]
}
