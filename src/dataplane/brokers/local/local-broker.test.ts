import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import {
  armFaults,
  disarmFaults,
  type FaultPoint,
  faultPoints,
  SimulatedCrash,
} from '#foundation/faults/fault-points.ts'
import { createSchema } from '#language/schemas/schema.ts'
import { brokerContract } from '../broker.contract.ts'
import type { StreamLog } from '../broker.ts'
import { readAll } from '../broker-bench.contract.ts'
import {
  expectedAt,
  numbered,
  paymentOf,
  recordsOf,
  SyntheticDecoder,
  syntheticSchema,
  syntheticStream,
} from '../synthetic-records.contract.ts'
import { LocalBroker } from './local-broker.ts'

const SMALL_SEGMENT_BYTES = 300_000
/** `retention.test.ts` hits them. */
const POINTS_OF_RETENTION: readonly FaultPoint[] = ['log.segment-retired', 'log.segment-deleted']

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-log-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const partitionFolder = (folder: string): string => join(folder, 'test_trips', 'partition-0')
const segmentFiles = (folder: string): string[] =>
  readdirSync(partitionFolder(folder))
    .filter((name) => /^segment-\d{20}\.db$/.test(name))
    .sort()

async function appendNumbered(
  log: StreamLog,
  from: number,
  to: number,
  step: number,
  decoder = new SyntheticDecoder(),
): Promise<void> {
  for (let next = from; next < to; next += step) {
    await log.append({ partition: 0, decoded: decoder.decode(numbered(next, Math.min(next + step, to))), arrivalMs: 0 })
  }
}

brokerContract('the local log', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-contract-'))
  return {
    open: () => new LocalBroker({ folder }),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  }
})

brokerContract('the local log, with a segment for each batch,', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-contract-'))
  return {
    open: () => new LocalBroker({ folder, segmentBytesMax: 1 }),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  }
})

test('a full segment is followed by a new one, named by its first offset, that knows what came before', async (t) => {
  const folder = temporaryFolder(t)
  const broker = new LocalBroker({ folder, segmentBytesMax: SMALL_SEGMENT_BYTES })
  const log = await broker.openStream(syntheticStream())
  const { epoch } = await log.openProducer('meter')
  await appendNumbered(log, 0, 40_000, 1000)
  const { generations } = await log.bounds(0)
  await broker.close()
  const files = segmentFiles(folder)
  assert.ok(files.length >= 3, files.join())
  assert.equal(files[0], 'segment-00000000000000000000.db')

  for (const name of files.slice(0, -1)) rmSync(join(partitionFolder(folder), name))
  const again = new LocalBroker({ folder })
  t.after(() => again.close())
  const rest = await again.openStream(syntheticStream())
  const bounds = await rest.bounds(0)
  assert.equal(bounds.start, Number(files.at(-1)?.slice(8, 28)))
  assert.equal(bounds.maxEventTimeBeforeStart, (bounds.start - 1) * 1000)
  assert.deepEqual(bounds.generations.slice(0, -1), generations)
  assert.equal((await rest.openProducer('meter')).epoch, epoch + 1)
  assert.deepEqual(
    recordsOf(await rest.read(0, bounds.start, 1e6)),
    expectedAt(bounds.start, numbered(bounds.start, 40_000)),
  )
  await assert.rejects(rest.read(0, 0, 10), { code: 'MSB_LOG_OFFSET_OUT_OF_RANGE' })
})

test('many more segments than stay open are read from end to end', async (t) => {
  const broker = new LocalBroker({ folder: temporaryFolder(t), segmentBytesMax: 1 })
  t.after(() => broker.close())
  const log = await broker.openStream(syntheticStream())
  await appendNumbered(log, 0, 60, 3)
  for (let pass = 0; pass < 2; pass++)
    assert.deepEqual(recordsOf(await log.read(0, 0, 1000)), expectedAt(0, numbered(0, 60)))
})

test('the batches of one segment share the dictionaries that their decoder shared', async (t) => {
  const broker = new LocalBroker({ folder: temporaryFolder(t) })
  t.after(() => broker.close())
  const log = await broker.openStream(syntheticStream())
  const decoder = new SyntheticDecoder()
  await appendNumbered(log, 0, 4, 2, decoder)
  decoder.resetDictionaries()
  await appendNumbered(log, 4, 8, 2, decoder)
  const [a, b, c, d] = (await log.read(0, 0, 100)).map((batch) => paymentOf(batch).dictionary)
  assert.ok(a === b && b !== c && c === d)
})

test('what a crash left of a segment that was being created is replaced', async (t) => {
  const folder = temporaryFolder(t)
  const first = new LocalBroker({ folder, segmentBytesMax: 1 })
  await appendNumbered(await first.openStream(syntheticStream()), 0, 20, 10)
  await first.close()
  for (const suffix of ['', '-wal', '-shm'])
    writeFileSync(join(partitionFolder(folder), `segment-00000000000000000020.db.new${suffix}`), 'half of a page')
  const second = new LocalBroker({ folder, segmentBytesMax: 1 })
  t.after(() => second.close())
  const log = await second.openStream(syntheticStream())
  await appendNumbered(log, 20, 30, 10)
  assert.deepEqual(recordsOf(await log.read(0, 0, 1000)), expectedAt(0, numbered(0, 30)))
  assert.deepEqual(
    readdirSync(partitionFolder(folder)).filter((name) => name.includes('.new')),
    [],
  )
})

test('a log is opened only for the stream it was created for, and the first difference is named', async (t) => {
  const folder = temporaryFolder(t)
  const first = new LocalBroker({ folder })
  await first.openStream(syntheticStream(2))
  await first.close()
  const broker = new LocalBroker({ folder })
  t.after(() => broker.close())
  const refused = async (spec: ReturnType<typeof syntheticStream>, message: RegExp) =>
    assert.rejects(broker.openStream(spec), { code: 'MSB_RUN_FOLDER_IN_USE', message })
  const [id, at, , payment] = syntheticSchema.fields
  const withFields = (...fields: typeof syntheticSchema.fields) => ({
    ...syntheticStream(2),
    schema: createSchema('trip', fields),
  })
  await refused(
    withFields(id, at, { name: 'fare', type: { kind: 'double' }, nullable: false }, payment),
    /field 'fare' is decimal\(10, 2\) there, and double here/,
  )
  await refused(
    withFields(...syntheticSchema.fields, { name: 'tips', type: { kind: 'double' }, nullable: true }),
    /field 'tips' is new/,
  )
  await refused(withFields(id, at), /field 'fare' is gone/)
  await refused({ ...syntheticStream(2), eventTime: 'fare' }, /event-time field is 'at', not 'fare'/)
  await refused(syntheticStream(1), /has 2 partitions, and is opened with 1/)
  await broker.openStream(syntheticStream(2))
})

test('a second writer is locked out, in this process and in another one, until the first one closes', async (t) => {
  const folder = temporaryFolder(t)
  const first = new LocalBroker({ folder })
  await first.openStream(syntheticStream())
  const second = new LocalBroker({ folder })
  t.after(() => second.close())
  await assert.rejects(second.openStream(syntheticStream()), {
    code: 'MSB_DATA_FOLDER_LOCKED',
    message: /partition 0 of 'test_trips' is in use/,
  })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-writer.fixture.ts'), folder, '1000000'])
  t.after(() => child.kill('SIGKILL'))
  const [line] = await once(createInterface(child.stdout), 'line')
  assert.match(line, /^MSB_DATA_FOLDER_LOCKED: partition 0 of 'test_trips' is in use/)
  await first.close()
  await second.openStream(syntheticStream())
})

test('a reader that takes no lock sees what is committed, new segments included', async (t) => {
  const folder = temporaryFolder(t)
  const broker = new LocalBroker({ folder, segmentBytesMax: 1 })
  await assert.rejects(broker.openReadOnly('test_trips'), { code: 'MSB_DATA_FOLDER_NOT_FOUND' })
  const log = await broker.openStream(syntheticStream())
  const decoder = new SyntheticDecoder()
  await log.append({ partition: 0, decoded: decoder.decode(['bad', ...numbered(1, 3)]), arrivalMs: 0 })
  const reader = await broker.openReadOnly('test_trips')
  t.after(async () => {
    await reader.close()
    await broker.close()
  })
  assert.deepEqual(reader.spec, syntheticStream())
  assert.deepEqual(recordsOf(await reader.read(0, 0, 100)), expectedAt(1, numbered(1, 3)))
  await log.append({ partition: 0, decoded: decoder.decode([...numbered(3, 5), 'bad']), arrivalMs: 0 })
  assert.deepEqual(recordsOf(await reader.read(0, 3, 100)), expectedAt(3, numbered(3, 5)))
  assert.deepEqual(
    (await reader.deadLetters(0)).map((letter) => letter.offset),
    [0, 5],
  )
  assert.equal((await reader.deadLetterCounts(0))[0].count, 2)
  assert.deepEqual(await reader.bounds(0), await log.bounds(0))
})

test('a crash at each fault point of the log loses nothing acknowledged and repeats nothing', async (t) => {
  const points = faultPoints.filter((point) => point.startsWith('log.') && !POINTS_OF_RETENTION.includes(point))
  const passed = new Set<FaultPoint>()
  for (const point of points) {
    for (const crashAt of [1, 2, 3]) {
      const folder = temporaryFolder(t)
      let acknowledged = 0
      armFaults((here, hit) => {
        passed.add(here)
        if (here === point && hit === crashAt) throw new SimulatedCrash(here)
      })
      // Hits go on counting over the rounds, so only one of them crashes.
      for (let round = 0; round < 3; round++) {
        const broker = new LocalBroker({ folder, segmentBytesMax: 1 })
        try {
          acknowledged = await sendUpTo(broker, 90, (sequence) => (acknowledged = sequence))
        } catch (error) {
          assert.ok(error instanceof SimulatedCrash, String(error))
        }
        await broker.close()
      }
      disarmFaults()
      assert.equal(acknowledged, 90)
      const broker = new LocalBroker({ folder })
      const log = await broker.openStream(syntheticStream())
      assert.deepEqual(recordsOf(await log.read(0, 0, 1000)), expectedAt(0, numbered(0, 90)), `${point} ${crashAt}`)
      await broker.close()
    }
  }
  assert.deepEqual(
    points.filter((point) => !passed.has(point)),
    [],
  )
})

async function sendUpTo(broker: LocalBroker, end: number, acknowledge: (sequence: number) => void): Promise<number> {
  const log = await broker.openStream(syntheticStream())
  const { epoch, nextSequences } = await log.openProducer('meter')
  const decoder = new SyntheticDecoder()
  for (let sequence = nextSequences[0]; sequence < end; sequence += 15) {
    const decoded = decoder.decode(numbered(sequence, Math.min(sequence + 15, end)))
    await log.append({
      partition: 0,
      decoded,
      arrivalMs: 0,
      producer: { producerId: 'meter', epoch, baseSequence: sequence },
    })
    acknowledge(Math.min(sequence + 15, end))
  }
  return end
}

test('a process killed again and again while it appends loses no acknowledged record and repeats none', async (t) => {
  const folder = temporaryFolder(t)
  let acknowledged = 0
  for (const batchesBeforeKill of [1, 7, 30, 2, 55, 18, 90]) {
    const child = spawn(process.execPath, [
      join(import.meta.dirname, 'killed-writer.fixture.ts'),
      folder,
      String(SMALL_SEGMENT_BYTES),
    ])
    const exited = once(child, 'exit')
    let batches = 0
    for await (const line of createInterface(child.stdout)) {
      assert.match(line, /^\d+$/)
      acknowledged = Math.max(acknowledged, Number(line))
      if (++batches === batchesBeforeKill) child.kill('SIGKILL')
    }
    await exited
  }
  const broker = new LocalBroker({ folder })
  t.after(() => broker.close())
  const log = await broker.openStream(syntheticStream())
  const { end } = await log.bounds(0)
  assert.ok(end >= acknowledged, `${end} of ${acknowledged}`)
  assert.ok(segmentFiles(folder).length > 1)
  assert.deepEqual(recordsOf(await readAll(log)), expectedAt(0, numbered(0, end)))
  assert.deepEqual((await log.openProducer('meter')).nextSequences, [end])
})
