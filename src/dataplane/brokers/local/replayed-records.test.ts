import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { armFaults, disarmFaults, faultPoints, SimulatedCrash } from '#foundation/faults/fault-points.ts'
import type { LoggedBatch } from '../../records/record-batch.ts'
import type { StreamLog, StreamReader } from '../broker.ts'
import { ARRIVAL_MS } from '../broker-bench.contract.ts'
import {
  numbered,
  recordsOf,
  SyntheticDecoder,
  type SyntheticRecord,
  syntheticStream,
} from '../synthetic-records.contract.ts'
import { LocalBroker } from './local-broker.ts'

const BATCH = 10
/** Every third record was rejected, and the last of each batch; two of them are ahead of many others. */
const RECORDS = 80
const isBad = (number: number): boolean => number % 3 === 0 || number % BATCH === BATCH - 1
const record = (number: number): Exclude<SyntheticRecord, 'bad'> => {
  const [made] = numbered(number, number + 1) as Exclude<SyntheticRecord, 'bad'>[]
  return number === 39 || number === 59 ? { ...made!, at: made!.at + 45_000 } : made!
}
const letters = Array.from({ length: RECORDS }, (_, number) => number).filter(isBad)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mysimbdp-replay-'))
})
afterEach(() => {
  disarmFaults()
  rmSync(folder, { recursive: true, force: true })
})

async function open(name: string): Promise<{ broker: LocalBroker; log: StreamLog }> {
  // Small segments: a placed record lies before several later ones.
  const broker = new LocalBroker({ folder: join(folder, name), segmentBytesMax: 1 })
  return { broker, log: await broker.openStream(syntheticStream()) }
}

async function fill(log: StreamLog, bad: (number: number) => boolean): Promise<void> {
  const decoder = new SyntheticDecoder()
  for (let from = (await log.bounds(0)).end; from < RECORDS; from += BATCH) {
    const records = Array.from({ length: BATCH }, (_, i) => (bad(from + i) ? 'bad' : record(from + i)))
    await log.append({ partition: 0, decoded: decoder.decode(records), arrivalMs: ARRIVAL_MS })
  }
}

const repairsOf = (offsets: readonly number[]) => ({
  partition: 0,
  letters: offsets,
  batch: new SyntheticDecoder().decode(offsets.map(record)).batch,
  nowMs: ARRIVAL_MS + 1,
})

/** Everything a job may see of a log: records with their offsets, and what lateness goes by. */
async function seen(reader: StreamReader) {
  const batches: LoggedBatch[] = [...(await reader.read(0, 0, Number.POSITIVE_INFINITY))]
  const { start, end, maxEventTime, maxEventTimeBeforeStart } = await reader.bounds(0)
  return {
    records: recordsOf(batches),
    times: batches.map(({ baseOffset, received, maxEventTimeBefore, minEventTime, maxEventTime: greatest }) => [
      baseOffset,
      received,
      maxEventTimeBefore,
      minEventTime,
      greatest,
    ]),
    bounds: { start, end, maxEventTime, maxEventTimeBeforeStart },
  }
}

describe('placed records', () => {
  it('make a log that cannot be told from one in which they had been right at once', async () => {
    const clean = await open('clean')
    await fill(clean.log, () => false)
    const repaired = await open('repaired')
    await fill(repaired.log, isBad)
    assert.deepEqual(await repaired.log.placeRepaired(repairsOf(letters)), {
      replayed: letters.length,
      replayedBefore: 0,
    })
    const wanted = await seen(clean.log)
    assert.deepEqual(await seen(repaired.log), wanted)
    const reader = await repaired.broker.openReadOnly('test_trips')
    assert.deepEqual(await seen(reader), wanted)
    await reader.close()
    // What is appended now follows the raised maximum, also after opening once more.
    await repaired.broker.close()
    await clean.broker.close()
    const [again, cleanAgain] = [await open('repaired'), await open('clean')]
    assert.deepEqual(await seen(again.log), wanted)
    assert.deepEqual(
      (await again.log.deadLetters(0)).map(({ offset, replay }) => [offset, replay]),
      letters.map((offset) => [offset, { kind: 'placed', offset, atMs: ARRIVAL_MS + 1 }]),
    )
    await again.broker.close()
    await cleanAgain.broker.close()
  })

  it('raise what a record that is appended later is measured by', async () => {
    const { broker, log } = await open('log')
    const decoder = new SyntheticDecoder()
    const append = (records: readonly SyntheticRecord[]) =>
      log.append({ partition: 0, decoded: decoder.decode(records), arrivalMs: ARRIVAL_MS })
    await append([record(1), 'bad'])
    await append([record(2)])
    const { revision } = await log.bounds(0)
    const ahead = { ...record(1), at: 900_000 }
    await log.placeRepaired({ partition: 0, letters: [1], batch: decoder.decode([ahead]).batch, nowMs: ARRIVAL_MS })
    await append([record(3)])
    const { times, bounds } = await seen(log)
    assert.deepEqual(
      times.map((facts) => facts[2]),
      [Number.NEGATIVE_INFINITY, 900_000, 900_000],
    )
    assert.equal(bounds.maxEventTime, 900_000)
    assert.ok((await log.bounds(0)).revision > revision)
    await broker.close()
  })

  it('are placed once, wherever a crash comes, and the log is then as if none had come', async () => {
    const clean = await open('clean')
    await fill(clean.log, () => false)
    const wanted = await seen(clean.log)
    await clean.broker.close()
    const hit = new Set<string>()
    for (let k = 1, crashed = true; crashed; k++) {
      const name = `crash-${k}`
      const before = await open(name)
      await fill(before.log, isBad)
      const { revision } = await before.log.bounds(0)
      let passed = 0
      armFaults((point) => {
        if (++passed !== k) return
        hit.add(point)
        throw new SimulatedCrash(point)
      })
      crashed = await before.log.placeRepaired(repairsOf(letters)).then(
        () => false,
        (error: unknown) => error instanceof SimulatedCrash,
      )
      disarmFaults()
      await before.broker.close()
      const { broker, log } = await open(name)
      const placed = (await log.deadLetters(0)).filter(({ replay }) => replay !== null).length
      assert.ok(placed === 0 || (await log.bounds(0)).revision > revision, 'state that has not seen them is not taken')
      const result = await log.placeRepaired(repairsOf(letters))
      assert.deepEqual(result, { replayed: letters.length - placed, replayedBefore: placed })
      assert.deepEqual(await seen(log), wanted, `crash ${k}`)
      await broker.close()
    }
    const points = faultPoints.filter((point) => point.startsWith('placing.'))
    assert.deepEqual(
      [...points].filter((point) => !hit.has(point)),
      [],
    )
  })
})

describe('records appended again', () => {
  it('arrive now, each dead letter once, and name the offset they have now', async () => {
    const { broker, log } = await open('log')
    await fill(log, isBad)
    assert.deepEqual(await log.appendRepaired(repairsOf(letters.slice(0, 3))), { replayed: 3, replayedBefore: 0 })
    assert.deepEqual(await log.appendRepaired(repairsOf(letters.slice(0, 5))), { replayed: 2, replayedBefore: 3 })
    const { records } = await seen(log)
    assert.deepEqual(
      records.slice(-5).map(({ id }) => Number(id)),
      letters.slice(0, 5),
    )
    assert.deepEqual(
      (await log.deadLetters(0, { limit: 6 })).map(({ replay }) => replay?.offset),
      [RECORDS, RECORDS + 1, RECORDS + 2, RECORDS + 3, RECORDS + 4, undefined],
    )
    assert.deepEqual(await log.placeRepaired(repairsOf(letters.slice(0, 5))), { replayed: 0, replayedBefore: 5 })
    await broker.close()
  })

  it('are appended with their marks or not at all, wherever a crash comes', async () => {
    for (let k = 1, crashed = true; crashed; k++) {
      const before = await open(`crash-${k}`)
      await fill(before.log, isBad)
      let passed = 0
      armFaults((point) => {
        if (++passed === k) throw new SimulatedCrash(point)
      })
      crashed = await before.log.appendRepaired(repairsOf(letters)).then(
        () => false,
        () => true,
      )
      disarmFaults()
      await before.broker.close()
      const { broker, log } = await open(`crash-${k}`)
      await log.appendRepaired(repairsOf(letters))
      const { records, bounds } = await seen(log)
      assert.deepEqual(
        records.map(({ id }) => Number(id)).sort((a, b) => a - b),
        Array.from({ length: RECORDS }, (_, i) => i),
      )
      assert.equal(bounds.end, RECORDS + letters.length)
      await broker.close()
    }
  })
})
