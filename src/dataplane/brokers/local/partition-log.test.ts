import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  expectedAt,
  numbered,
  recordsOf,
  SyntheticDecoder,
  type SyntheticRecord,
  syntheticStream,
} from '../synthetic-records.contract.ts'
import { PartitionLog } from './partition-log.ts'
import { BATCHES_PER_READ } from './partition-reader.ts'

const PAGES_ENOUGH = 1_000_000
const BATCH_RECORDS = 500
const unlimited = { limits: { timeMs: null, bytes: null, bytesMax: null } }

test('a full disk fails the append and leaves the log as it was; it goes on when there is space', (t) => {
  const folder = temporaryFolder(t)
  const log = new PartitionLog(folder, syntheticStream(), 0, { ...unlimited, segmentBytesMax: 1e9, maxPageCount: 20 })
  t.after(() => log.close())
  log.openProducer('meter', 1)
  const decoder = new SyntheticDecoder()
  const append = (from: number) => {
    const producer = { producerId: 'meter', epoch: 1, baseSequence: from }
    return log.append({ partition: 0, decoded: decoder.decode(withNewPayment(from)), arrivalMs: 0, producer })
  }
  const full = firstRefused(append)
  assert.throws(() => append(full), { code: 'MSB_DISK_FULL' })
  assert.equal(log.bounds().end, full)
  assert.equal(log.bounds().maxEventTime, (full - 1) * 1000)
  assert.deepEqual(readAll(log), sent(full))
  log.limitPages(PAGES_ENOUGH)
  for (let from = full; from < full + 5000; from += BATCH_RECORDS) assert.equal(append(from).baseOffset, from)
  assert.deepEqual(readAll(log), sent(full + 5000))
})

test('a new segment for which there is no space fails the append, and the next opening goes on', (t) => {
  const folder = temporaryFolder(t)
  const append = (log: PartitionLog) => (from: number) =>
    log.append({ partition: 0, decoded: new SyntheticDecoder().decode(withNewPayment(from)), arrivalMs: 0 })
  const first = new PartitionLog(folder, syntheticStream(), 0, {
    ...unlimited,
    segmentBytesMax: 1,
    maxPageCount: PAGES_ENOUGH,
  })
  append(first)(0)
  first.close()
  const second = new PartitionLog(folder, syntheticStream(), 0, { ...unlimited, segmentBytesMax: 1, maxPageCount: 5 })
  assert.equal(
    firstRefused((from) => append(second)(from + BATCH_RECORDS)),
    0,
  )
  assert.deepEqual(recordsOf(second.reader.read(0, Infinity, () => second.end)), sent(BATCH_RECORDS))
  second.close()
  const third = new PartitionLog(folder, syntheticStream(), 0, { ...unlimited, segmentBytesMax: 1 })
  t.after(() => third.close())
  append(third)(BATCH_RECORDS)
  assert.deepEqual(recordsOf(third.reader.read(0, Infinity, () => third.end)), sent(2 * BATCH_RECORDS))
})

test('of batches that are single records a call reads some, and the next one goes on behind them', (t) => {
  const log = new PartitionLog(temporaryFolder(t), syntheticStream(), 0, { ...unlimited, segmentBytesMax: 1e9 })
  t.after(() => log.close())
  const records = numbered(0, BATCHES_PER_READ + 3)
  const decoder = new SyntheticDecoder()
  log.appendAll(records.map((record) => ({ partition: 0, decoded: decoder.decode([record]), arrivalMs: 0 })))
  const read = (from: number) => recordsOf(log.reader.read(from, Infinity, () => log.end))
  assert.deepEqual(read(0), expectedAt(0, records.slice(0, BATCHES_PER_READ)))
  assert.deepEqual(read(BATCHES_PER_READ), expectedAt(BATCHES_PER_READ, records.slice(BATCHES_PER_READ)))
})

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-partition-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function readAll(log: PartitionLog): ReturnType<typeof recordsOf> {
  const records: ReturnType<typeof recordsOf>[number][] = []
  for (let next = 0; next < log.end; ) {
    const batches = log.reader.read(next, Infinity, () => log.end)
    records.push(...recordsOf(batches))
    next = batches.at(-1)!.baseOffset + batches.at(-1)!.received
  }
  return records
}

/** A batch of the numbered stream that brings a new dictionary entry. */
const withNewPayment = (from: number): SyntheticRecord[] =>
  numbered(from, from + BATCH_RECORDS).map((record) =>
    record === 'bad' ? record : { ...record, payment: `payment ${from}` },
  )

const sent = (end: number): ReturnType<typeof recordsOf> =>
  Array.from({ length: end / BATCH_RECORDS }, (_, batch) => batch * BATCH_RECORDS).flatMap((from) =>
    expectedAt(from, withNewPayment(from)),
  )

/** Appends batch after batch until the disk is full; answers the first record that was refused. */
function firstRefused(append: (from: number) => void): number {
  for (let from = 0; ; from += BATCH_RECORDS) {
    try {
      append(from)
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'MSB_DISK_FULL')
      return from
    }
  }
}
