import assert from 'node:assert/strict'
import type { AppendRequest, StreamLog } from './broker.ts'
import { ARRIVAL_MS, type Bench, readAll, type WithLog } from './broker-bench.contract.ts'
import { expectedAt, numbered, type SyntheticRecord } from './synthetic-records.contract.ts'

/** What appending must do. */
export function appending(withLog: WithLog): void {
  withLog('records come back in the order in which they were appended', async ({ log, append, holds }) => {
    for (let from = 0; from < 300; from += 30) await append(numbered(from, from + 30))
    holds(await readAll(log), expectedAt(0, numbered(0, 300)))
  })

  withLog('a rejected record takes an offset too', async ({ log, append, holds }) => {
    const records: SyntheticRecord[] = ['bad', ...numbered(0, 2), 'bad', ...numbered(2, 3)]
    assert.deepEqual(await append(records), { baseOffset: 0, accepted: 3, rejected: 2, alreadyReceived: 0 })
    const { end } = await log.bounds(0)
    assert.equal((await append(numbered(3, 4))).baseOffset, end)
    holds(await readAll(log), expectedAt(0, [...records, ...numbered(3, 4)]))
  })

  withLog('a batch in which every record was rejected keeps its place', async ({ log, append }) => {
    await append(['bad', 'bad'])
    await append(numbered(0, 1))
    const [first, second] = await readAll(log)
    assert.deepEqual(
      [first.baseOffset, first.received, first.batch.rows, first.minEventTime, first.maxEventTime],
      [0, 2, 0, Infinity, -Infinity],
    )
    assert.deepEqual([second.baseOffset, second.maxEventTimeBefore], [2, -Infinity])
  })

  withLog('nothing received is nothing appended', async ({ log, append }) => {
    assert.deepEqual(await append([]), { baseOffset: 0, accepted: 0, rejected: 0, alreadyReceived: 0 })
    assert.deepEqual(await log.read(0, 0, 10), [])
  })

  withLog('a batch knows its arrival, its event times and the greatest one before it', async ({ log, append }) => {
    await append(numbered(5, 9))
    await append(numbered(2, 4))
    await append(numbered(6, 7))
    const facts = (await readAll(log)).map((batch) => [
      batch.arrivalMs,
      batch.maxEventTimeBefore,
      batch.minEventTime,
      batch.maxEventTime,
    ])
    assert.deepEqual(facts, [
      [ARRIVAL_MS, -Infinity, 5000, 8000],
      [ARRIVAL_MS, 8000, 2000, 3000],
      [ARRIVAL_MS, 8000, 6000, 6000],
    ])
    const bounds = await log.bounds(0)
    assert.deepEqual(
      [bounds.start, bounds.end, bounds.maxEventTimeBeforeStart, bounds.maxEventTime],
      [0, 7, -Infinity, 8000],
    )
  })

  withLog(
    'partitions number and keep their records independently',
    async ({ log, append, holds }) => {
      await append(numbered(0, 3), 0)
      await append([...numbered(100, 102), 'bad'], 1)
      await append(numbered(3, 5), 0)
      holds(await readAll(log, 0), expectedAt(0, numbered(0, 5)))
      holds(await readAll(log, 1), expectedAt(0, numbered(100, 102)))
      assert.equal((await log.bounds(0)).maxEventTime, 4000)
      assert.equal((await log.bounds(1)).maxEventTime, 101000)
    },
    2,
  )
}

/** What appending for several requests at once must do. */
export function appendingTogether(withLog: WithLog): void {
  const request = (bench: Bench, records: readonly SyntheticRecord[], producer?: AppendRequest['producer']) => ({
    partition: 0,
    decoded: bench.decoder.decode(records),
    arrivalMs: ARRIVAL_MS,
    ...(producer !== undefined && { producer }),
  })
  const sent = (epoch: number, baseSequence: number) => ({ producerId: 'meter', epoch, baseSequence })
  /** What each request was answered: its result, or the code of its error. */
  const answers = (outcomes: Awaited<ReturnType<StreamLog['appendAll']>>) =>
    outcomes.map((outcome) =>
      'error' in outcome
        ? outcome.error.code
        : [outcome.result.baseOffset, outcome.result.accepted, outcome.result.alreadyReceived],
    )

  withLog('requests that are appended together lie one after the other, each a batch of its own', async (bench) => {
    await bench.append(numbered(0, 2))
    const groups: SyntheticRecord[][] = [numbered(2, 5), ['bad', ...numbered(6, 7)], [], numbered(7, 9)]
    const outcomes = await bench.log.appendAll(groups.map((records) => request(bench, records)))
    assert.deepEqual(answers(outcomes), [
      [2, 3, 0],
      [5, 1, 0],
      [7, 0, 0],
      [7, 2, 0],
    ])
    bench.holds(await readAll(bench.log), expectedAt(0, [...numbered(0, 5), 'bad', ...numbered(6, 9)]))
    assert.deepEqual(
      (await readAll(bench.log)).map(({ baseOffset, maxEventTimeBefore }) => [baseOffset, maxEventTimeBefore]),
      [
        [0, -Infinity],
        [2, 1000],
        [5, 4000],
        [7, 6000],
      ],
    )
    assert.deepEqual(await bench.log.appendAll([]), [])
    await bench.reopen()
    assert.equal((await bench.log.bounds(0)).end, 9)
  })

  withLog('a request of a producer builds on the ones before it in its group', async (bench) => {
    const { epoch } = await bench.log.openProducer('meter')
    const outcomes = await bench.log.appendAll([
      request(bench, numbered(0, 3), sent(epoch, 0)),
      request(bench, numbered(3, 5), sent(epoch, 3)),
      request(bench, numbered(3, 6), sent(epoch, 3)),
      request(bench, numbered(0, 6), sent(epoch, 0)),
    ])
    assert.deepEqual(answers(outcomes), [
      [0, 3, 0],
      [3, 2, 0],
      [5, 1, 2],
      [6, 0, 6],
    ])
    await bench.reopen()
    assert.deepEqual((await bench.log.knownProducer('meter'))?.nextSequences, [6])
    bench.holds(await readAll(bench.log), expectedAt(0, numbered(0, 6)))
  })

  withLog('a gap and an older epoch are the answer to their request alone', async (bench) => {
    const older = await bench.log.openProducer('meter')
    const { epoch } = await bench.log.openProducer('meter')
    const outcomes = await bench.log.appendAll([
      request(bench, numbered(0, 2), sent(epoch, 0)),
      request(bench, numbered(4, 6), sent(epoch, 4)),
      request(bench, numbered(2, 4), sent(older.epoch, 2)),
      request(bench, numbered(2, 3), sent(epoch, 2)),
      request(bench, numbered(3, 4)),
    ])
    assert.deepEqual(answers(outcomes), [
      [0, 2, 0],
      'MSB_LOG_SEQUENCE_GAP',
      'MSB_LOG_PRODUCER_FENCED',
      [2, 1, 0],
      [3, 1, 0],
    ])
    bench.holds(await readAll(bench.log), expectedAt(0, numbered(0, 4)))
    assert.deepEqual((await bench.log.knownProducer('meter'))?.nextSequences, [3])
  })

  withLog('a log without retention keeps all, whatever readers need, and says what it takes', async (bench) => {
    assert.equal((await bench.log.size(0)).oldestArrivalMs, null)
    await bench.append(numbered(0, 10))
    await bench.append(numbered(10, 20))
    await bench.log.applyRetention(ARRIVAL_MS * 2, new Map([[0, 20]]))
    bench.holds(await readAll(bench.log), expectedAt(0, numbered(0, 20)))
    const { bytes, segments, oldestArrivalMs } = await bench.log.size(0)
    assert.ok(bytes > 0 && segments > 0)
    assert.equal(oldestArrivalMs, ARRIVAL_MS)
  })
}
