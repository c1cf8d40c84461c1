import assert from 'node:assert/strict'
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { openDatabase } from '#foundation/sqlite/database.ts'
import {
  expectedAt,
  numbered,
  recordsOf,
  SyntheticDecoder,
  type SyntheticRecord,
  syntheticStream,
} from '../synthetic-records.contract.ts'
import { LocalBroker } from './local-broker.ts'

const RECORDS = 30_000
const BATCH_RECORDS = 500
const SEGMENT_BYTES_MAX = 330_000
const LETTER_EVERY = 1000

/** Record i, each 1000th of them rejected. */
const allRecords: SyntheticRecord[] = numbered(0, RECORDS).map((record, index) =>
  index % LETTER_EVERY === 7 ? 'bad' : record,
)

suite('a damaged log is never read as if it were sound', () => {
  let sound = ''
  let folder = ''

  before(async () => {
    sound = mkdtempSync(join(tmpdir(), 'mysimbdp-sound-'))
    const broker = new LocalBroker({ folder: sound, segmentBytesMax: SEGMENT_BYTES_MAX })
    const log = await broker.openStream(syntheticStream())
    const decoder = new SyntheticDecoder()
    for (let from = 0; from < RECORDS; from += BATCH_RECORDS) {
      await log.append({
        partition: 0,
        decoded: decoder.decode(allRecords.slice(from, from + BATCH_RECORDS)),
        arrivalMs: from,
      })
    }
    await broker.close()
  })
  after(() => {
    for (const path of [sound, folder]) rmSync(path, { recursive: true, force: true })
  })

  /** A copy to damage, and its segment files. */
  function copy(): string[] {
    rmSync(folder, { recursive: true, force: true })
    folder = mkdtempSync(join(tmpdir(), 'mysimbdp-damaged-'))
    cpSync(sound, folder, { recursive: true })
    const partition = join(folder, 'test_trips', 'partition-0')
    return readdirSync(partition)
      .filter((name) => name.endsWith('.db') && name.startsWith('segment-'))
      .sort()
      .map((name) => join(partition, name))
  }

  const firstOffsetOf = (file: string): number => Number(basename(file).slice(8, 28))

  /** Reads until the end or the first error; everything read must be right. */
  async function readAsFarAsPossible(): Promise<{ next: number; error: MysimbdpError | undefined }> {
    let next = 0
    try {
      const reader = await new LocalBroker({ folder }).openReadOnly('test_trips')
      try {
        for (;;) {
          const batches = await reader.read(0, next, 5000)
          if (batches.length === 0) return { next, error: undefined }
          const end = batches.at(-1)!.baseOffset + batches.at(-1)!.received
          assert.deepEqual(recordsOf(batches), expectedAt(next, allRecords.slice(next, end)))
          next = end
        }
      } finally {
        await reader.close()
      }
    } catch (error) {
      if (error instanceof MysimbdpError) return { next, error }
      throw error
    }
  }

  async function openToWrite(): Promise<void> {
    const broker = new LocalBroker({ folder })
    try {
      await broker.openStream(syntheticStream())
    } finally {
      await broker.close()
    }
  }

  test('a missing segment in the middle is named, and what lies before it can be read', async () => {
    const [, second, third] = copy()
    rmSync(second)
    const { next, error } = await readAsFarAsPossible()
    assert.equal(next, firstOffsetOf(second))
    assert.equal(error?.code, 'MSB_LOG_DAMAGED')
    assert.match(
      error.message,
      new RegExp(`offsets ${next} to ${firstOffsetOf(third) - 1} are missing; ${basename(second)} may be lost`),
    )
  })

  test('a segment that is no database any more is named', async () => {
    const [, second] = copy()
    writeFileSync(second, Buffer.alloc(100_000, 'garbage'))
    const { next, error } = await readAsFarAsPossible()
    assert.equal(next, firstOffsetOf(second))
    assert.equal(error?.code, 'MSB_LOG_DAMAGED')
    assert.equal(error.where.file, second)
  })

  for (const [what, sizeOf] of [
    ['cut in half', (size: number) => size >> 1],
    ['empty', () => 0],
  ] as const) {
    test(`a last segment that is ${what} can not be written to, and the segments before it can be read`, async () => {
      const last = copy().at(-1)!
      truncateSync(last, sizeOf(statSync(last).size))
      await assert.rejects(openToWrite(), { code: 'MSB_LOG_DAMAGED' })
      const { next, error } = await readAsFarAsPossible()
      assert.ok(next >= firstOffsetOf(last), `${next}`)
      assert.equal(error?.code, 'MSB_LOG_DAMAGED')
    })
  }

  test('one changed bit in a batch is found by its checksum, and file and offset are named', async () => {
    const [first] = copy()
    const bytes = readFileSync(first)
    // Two ids, 1000 and 1001, digit over digit, and the next two; SQLite may have left an older copy of the page behind.
    const ids = Buffer.from('1100001011000032', 'hex')
    assert.ok(bytes.includes(ids), 'ids are packed as hexadecimal digits')
    for (let at = bytes.indexOf(ids); at >= 0; at = bytes.indexOf(ids, at)) bytes[at] ^= 1
    writeFileSync(first, bytes)
    const { next, error } = await readAsFarAsPossible()
    assert.equal(next, 1000)
    assert.equal(error?.code, 'MSB_LOG_DAMAGED')
    assert.match(error.message, /segment-0{20}\.db: the batch at offset 1000 does not match its checksum/)
    assert.deepEqual(error.where, { file: first, offset: 1000 })
  })

  test('a changed bit in a rejected record is found too', async () => {
    const [first] = copy()
    const bytes = readFileSync(first)
    bytes[bytes.indexOf('{"fare":"7"}') + 9] ^= 1
    writeFileSync(first, bytes)
    const reader = await new LocalBroker({ folder }).openReadOnly('test_trips')
    await assert.rejects(reader.deadLetters(0), { code: 'MSB_LOG_DAMAGED' })
    await reader.close()
  })

  test('a log that lost its newest records below a known generation is not written to', async () => {
    await new LocalBroker({ folder: sound }).openStream(syntheticStream()).then((log) => log.close())
    const last = copy().at(-1)!
    const database = openDatabase(last, { synchronous: 'FULL', damagedCode: 'MSB_LOG_DAMAGED' })
    database.exec('DELETE FROM batch WHERE base_offset = (SELECT max(base_offset) FROM batch)')
    database.close()
    await assert.rejects(openToWrite(), {
      code: 'MSB_LOG_DAMAGED',
      message: /once reached offset 30000, and now ends at 29500/,
    })
  })

  test('garbage anywhere is found, or did no harm', async () => {
    const random = generator(20240413)
    for (let round = 0; round < 60; round++) {
      const files = copy()
      const file = files[Math.floor(random() * files.length)]
      const position = Math.floor(random() * statSync(file).size)
      const garbage = Uint8Array.from({ length: 1 + Math.floor(random() * 300) }, () => random() * 256)
      const descriptor = openSync(file, 'r+')
      writeSync(descriptor, garbage, 0, garbage.length, position)
      closeSync(descriptor)
      const { next, error } = await readAsFarAsPossible()
      const told = `round ${round}: ${garbage.length} bytes at ${position} of ${basename(file)}: ${error?.code} ${error?.message}`
      if (error === undefined) assert.equal(next, RECORDS, told)
      else assert.equal(error.code, 'MSB_LOG_DAMAGED', told)
      await openToWrite().catch((refused) =>
        assert.equal(refused.code, 'MSB_LOG_DAMAGED', `${told}; ${refused.message}`),
      )
    }
  })
})

/** Numbers in [0, 1), the same in each run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
