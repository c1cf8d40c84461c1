import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { StreamLog } from './broker.ts'
import { appending, appendingTogether } from './broker-append.contract.ts'
import {
  ARRIVAL_MS,
  type Bench,
  type BrokerStorage,
  openBench,
  readAll,
  type WithLog,
} from './broker-bench.contract.ts'
import { expectedAt, numbered, paymentOf, type SyntheticRecord } from './synthetic-records.contract.ts'

/**
 * Registers the tests that every broker must pass.
 * @param differences what a broker cannot do as the contract says, by the title of the test, with the reason: the test then has to fail
 */
export function brokerContract(
  name: string,
  createStorage: () => Promise<BrokerStorage>,
  differences: Readonly<Record<string, string>> = {},
): void {
  const withLog = (title: string, run: (bench: Bench) => Promise<void>, partitions = 1) => {
    const reason = differences[title]
    test(reason === undefined ? title : `it is otherwise here that ${title}: ${reason}`, async () => {
      const storage = await createStorage()
      const bench = await openBench(storage, partitions)
      try {
        if (reason === undefined) await run(bench)
        else await assert.rejects(run(bench))
      } finally {
        await bench.close()
        await storage.dispose()
      }
    })
  }
  suite(`${name} keeps the contract of a broker`, () => {
    appending(withLog)
    appendingTogether(withLog)
    reading(withLog)
    reopening(withLog)
    producers(withLog)
    deadLetters(withLog)
  })
}

function reading(withLog: WithLog): void {
  withLog('reading goes on where it stopped, a few batches at a time', async ({ log, append }) => {
    for (let from = 0; from < 50; from += 10) await append(numbered(from, from + 10))
    assert.deepEqual(
      (await log.read(0, 20, 1)).map((batch) => batch.baseOffset),
      [20],
    )
    assert.deepEqual(
      (await log.read(0, 20, 15)).map((batch) => batch.baseOffset),
      [20, 30],
    )
    assert.deepEqual(
      (await log.read(0, 40, 1000)).map((batch) => batch.baseOffset),
      [40],
    )
    assert.deepEqual(await log.read(0, 50, 1000), [])
  })

  withLog(
    'an offset out of range, or inside a batch, is an error and never another offset',
    async ({ log, append }) => {
      await append(numbered(0, 10))
      for (const offset of [-1, 11, 5, 0.5]) {
        await assert.rejects(log.read(0, offset, 10), { code: 'MSB_LOG_OFFSET_OUT_OF_RANGE' }, `offset ${offset}`)
      }
    },
  )

  withLog(
    'a dictionary stays the same object from read to read, and its codes stay while it grows',
    async ({ log, append, holds }) => {
      await append(numbered(1, 3))
      const [first] = await log.read(0, 0, 1)
      const { dictionary } = paymentOf(first)
      const known = [...dictionary.entries]
      await append(numbered(3, 7))
      const [again, second] = await log.read(0, 0, 1000)
      assert.equal(paymentOf(again).dictionary, dictionary)
      assert.deepEqual(dictionary.entries.slice(0, known.length), known)
      holds([first, second], expectedAt(0, numbered(1, 7)))
    },
  )

  withLog('a decoder may begin new dictionaries at any time', async ({ log, append, decoder, holds }) => {
    const lone = [{ id: 'x', at: 1, fare: 1, payment: null }]
    await append(numbered(0, 5))
    decoder.resetDictionaries()
    await append(numbered(3, 8))
    decoder.resetDictionaries()
    await append(lone)
    await append(numbered(8, 12))
    const appended = [...numbered(0, 5), ...numbered(3, 8), ...lone, ...numbered(8, 12)]
    holds(await readAll(log), expectedAt(0, appended))
  })
}

function reopening(withLog: WithLog): void {
  withLog('everything is there after reopening, and offsets go on', async (bench) => {
    await bench.append([...numbered(0, 3), 'bad'])
    await bench.reopen()
    const { end } = await bench.log.bounds(0)
    assert.equal((await bench.append(numbered(4, 6))).baseOffset, end)
    await bench.reopen()
    const records: SyntheticRecord[] = [...numbered(0, 3), 'bad', ...numbered(4, 6)]
    bench.holds(await readAll(bench.log), expectedAt(0, records))
    bench.holds(await readAll(bench.log, 0, end), expectedAt(4, numbered(4, 6)))
  })

  withLog('the greatest event time is carried across openings', async (bench) => {
    await bench.append(numbered(50, 51))
    await bench.reopen()
    await bench.append(numbered(10, 11))
    await bench.reopen()
    assert.equal((await bench.log.bounds(0)).maxEventTime, 50000)
    assert.deepEqual(
      (await readAll(bench.log)).map((batch) => batch.maxEventTimeBefore),
      [-Infinity, 50000],
    )
  })

  withLog('each opening is a generation that begins at the end of the log', async (bench) => {
    const [first] = (await bench.log.bounds(0)).generations
    await bench.append(numbered(0, 3))
    await bench.reopen()
    await bench.reopen()
    const { generations } = await bench.log.bounds(0)
    assert.deepEqual(
      generations.map((generation) => generation.firstOffset),
      [0, 3, 3],
    )
    assert.equal(generations[0].id, first.id)
    assert.equal(new Set(generations.map((generation) => generation.id)).size, 3)
  })
}

function producers(withLog: WithLog): void {
  const send = (
    bench: Bench,
    epoch: number,
    baseSequence: number,
    records: readonly SyntheticRecord[],
    partition = 0,
  ) =>
    bench.log.append({
      partition,
      decoded: bench.decoder.decode(records),
      arrivalMs: ARRIVAL_MS,
      producer: { producerId: 'meter', epoch, baseSequence },
    })

  withLog('what a producer sends again is trimmed, rejected records included', async (bench) => {
    const { epoch, nextSequences } = await bench.log.openProducer('meter')
    assert.deepEqual([epoch, nextSequences], [1, [0]])
    assert.equal(await bench.log.knownProducer('stranger'), undefined)
    const records: SyntheticRecord[] = [...numbered(0, 2), 'bad', ...numbered(3, 6), 'bad']
    await send(bench, epoch, 0, records.slice(0, 4))
    const { end } = await bench.log.bounds(0)
    assert.deepEqual(await send(bench, epoch, 0, records.slice(0, 4)), {
      baseOffset: end,
      accepted: 0,
      rejected: 0,
      alreadyReceived: 4,
    })
    assert.deepEqual(await send(bench, epoch, 2, records.slice(2)), {
      baseOffset: end,
      accepted: 2,
      rejected: 1,
      alreadyReceived: 2,
    })
    assert.deepEqual(await bench.log.knownProducer('meter'), { producerId: 'meter', epoch: 1, nextSequences: [7] })
    bench.holds(await readAll(bench.log), expectedAt(0, records))
  })

  withLog('a gap in the sequence is refused, names where to go on, and appends nothing', async (bench) => {
    const { epoch } = await bench.log.openProducer('meter')
    await send(bench, epoch, 0, numbered(0, 2))
    const { end } = await bench.log.bounds(0)
    await assert.rejects(send(bench, epoch, 3, numbered(3, 4)), {
      code: 'MSB_LOG_SEQUENCE_GAP',
      message: /send again from 2/,
    })
    assert.equal((await bench.log.bounds(0)).end, end)
    assert.equal((await send(bench, epoch, 2, numbered(2, 4))).accepted, 2)
  })

  withLog('an older instance of a producer is refused', async (bench) => {
    const older = await bench.log.openProducer('meter')
    await send(bench, older.epoch, 0, numbered(0, 2))
    const newer = await bench.log.openProducer('meter')
    assert.deepEqual([newer.epoch, newer.nextSequences], [older.epoch + 1, [2]])
    await assert.rejects(send(bench, older.epoch, 2, numbered(2, 4)), { code: 'MSB_LOG_PRODUCER_FENCED' })
    assert.equal((await send(bench, newer.epoch, 2, numbered(2, 4))).accepted, 2)
  })

  withLog('a producer that was never opened is refused', async (bench) => {
    await assert.rejects(send(bench, 1, 0, numbered(0, 2)), { code: 'MSB_LOG_PRODUCER_FENCED' })
  })

  withLog('sequences and epochs go on after reopening', async (bench) => {
    const before = await bench.log.openProducer('meter')
    await send(bench, before.epoch, 0, [...numbered(0, 2), 'bad'])
    await bench.reopen()
    assert.equal((await send(bench, before.epoch, 0, [...numbered(0, 2), 'bad', ...numbered(3, 4)])).alreadyReceived, 3)
    const after = await bench.log.openProducer('meter')
    assert.deepEqual([after.epoch, after.nextSequences], [before.epoch + 1, [4]])
  })

  withLog(
    'a producer has a sequence of its own in each partition',
    async (bench) => {
      const { epoch } = await bench.log.openProducer('meter')
      await send(bench, epoch, 0, numbered(0, 3), 0)
      await send(bench, epoch, 0, numbered(0, 1), 1)
      assert.deepEqual((await bench.log.openProducer('meter')).nextSequences, [3, 1])
    },
    2,
  )
}

function deadLetters(withLog: WithLog): void {
  withLog(
    'a rejected record is kept with its bytes, its reason, its place and its arrival',
    async ({ log, append }) => {
      await append([...numbered(0, 1), 'bad'])
      const [letter, ...others] = await log.deadLetters(0)
      assert.deepEqual(others, [])
      assert.equal(Buffer.from(letter.raw).toString(), '{"fare":"1"}')
      assert.deepEqual(
        { ...letter, raw: null },
        {
          partition: 0,
          offset: 1,
          arrivalMs: ARRIVAL_MS,
          rejection: { code: 'wrong_type', field: 'fare', expected: 'decimal(10, 2)', found: '"1"' },
          raw: null,
          rawLength: 12,
          format: { kind: 'json' },
          replay: null,
        },
      )
    },
  )

  withLog(
    'what a producer sends again leaves no second dead letter, and dead letters are there after reopening',
    async (bench) => {
      const { epoch } = await bench.log.openProducer('meter')
      const producer = { producerId: 'meter', epoch, baseSequence: 0 }
      const records: SyntheticRecord[] = [...numbered(0, 2), 'bad', ...numbered(3, 6), 'bad']
      for (const sent of [records.slice(0, 4), records]) {
        const decoded = bench.decoder.decode(sent)
        await bench.log.append({ partition: 0, decoded, arrivalMs: ARRIVAL_MS, producer })
      }
      await bench.reopen()
      assert.deepEqual(
        (await bench.log.deadLetters(0)).map((letter) => letter.offset),
        [2, 6],
      )
    },
  )

  withLog(
    'a dead letter is of the partition in which it was rejected',
    async ({ log, append }) => {
      await append([...numbered(0, 2), 'bad'], 1)
      assert.deepEqual(
        (await log.deadLetters(1)).map((letter) => [letter.partition, letter.offset]),
        [[1, 2]],
      )
      assert.deepEqual(await log.deadLetters(0), [])
    },
    2,
  )

  withLog('rejected records are listed by offset and counted by reason, with an example', async ({ log, append }) => {
    await append(['bad', ...numbered(0, 1), 'bad'])
    await append([...numbered(1, 2), 'bad', 'bad'])
    const offsets = async (query: Parameters<StreamLog['deadLetters']>[1]) =>
      (await log.deadLetters(0, query)).map((letter) => letter.offset)
    assert.deepEqual(await offsets({}), [0, 2, 4, 5])
    assert.deepEqual(await offsets({ fromOffset: 1, limit: 2 }), [2, 4])
    assert.deepEqual(await log.deadLetterCounts(0), [
      { code: 'wrong_type', field: 'fare', expected: 'decimal(10, 2)', count: 4, example: { offset: 0, found: '"0"' } },
    ])
  })
}
