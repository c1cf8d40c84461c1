import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { CommittedFetch } from '#dataplane/brokers/kafka/committed-fetch.ts'
import { createAdmin, type KafkaConnection } from '#dataplane/brokers/kafka/connection.ts'
import { deadLetterMessage } from '#dataplane/brokers/kafka/dead-letter-messages.ts'
import { ensureTopics } from '#dataplane/brokers/kafka/ensure-topics.ts'
import { partitionOfKey } from '#dataplane/brokers/kafka/key-hash.ts'
import { TransactionalProducer } from '#dataplane/brokers/kafka/transactional-producer.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { delay } from '#foundation/time/timers.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { lines, numbers, type StreamBench, withKafkaStream } from '../support/kafka-stream-bench.ts'
import { kafkaBroker, numberJson, numberStream, numbersOf, readThrough } from '../support/kafka-streams.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

describe('a stream on Kafka', { skip: await whyNoServers(['kafka']) }, () => {
  let cluster: RunningCluster
  let connection: KafkaConnection
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka'] })
    connection = { bootstrapServers: cluster.addresses.bootstrapServers }
  })

  const withStream = (run: (bench: StreamBench) => Promise<void>, partitions = 1): Promise<void> =>
    withKafkaStream(connection, run, partitions)

  it('gives back what was appended, and rejects what was rejected, each with its offset', () =>
    withStream(async ({ log, append }) => {
      assert.deepEqual(await append([...lines(0, 2), '{"at":1}', ...lines(2, 3)]), {
        baseOffset: 0,
        accepted: 3,
        rejected: 1,
        alreadyReceived: 0,
      })
      const second = await append(lines(3, 5))
      const seen = await readThrough(log, (batch) => ({
        numbers: numbersOf([batch]),
        rejected: batch.rejected!.map(({ position, raw }) => [
          batch.baseOffset + position,
          Buffer.from(raw).toString(),
        ]),
      }))
      assert.deepEqual(
        seen.flatMap((batch) => batch.numbers),
        [0, 1, 3, second.baseOffset, second.baseOffset + 1].map((offset, v) => ({ offset, v })),
      )
      assert.deepEqual(
        seen.flatMap((batch) => batch.rejected),
        [[2, '{"at":1}']],
      )
    }))

  it('takes each message of any producer for one record, whatever bytes it has', () =>
    withStream(async ({ log, send }) => {
      const pretty = '{\n  "at": 1000,\n  "v": 1\n}\n'
      const two = `${numberJson(2)}\n${numberJson(3)}`
      await send([
        numberJson(0),
        pretty,
        two,
        '',
        null,
        '\r',
        '\uFEFF{"at":4000,"v":4}',
        '{"at":5000,\n"v":"5"}',
        numberJson(6),
      ])
      const seen = await readThrough(log, (batch) => ({
        numbers: numbersOf([batch]),
        rejected: batch.rejected!.map(({ position }) => batch.baseOffset + position),
      }))
      assert.deepEqual(
        seen.flatMap((batch) => batch.numbers),
        [0, 1, 4, 6].map((v) => ({ offset: v === 4 ? 6 : v === 6 ? 8 : v, v })),
      )
      assert.deepEqual(
        seen.flatMap((batch) => batch.rejected),
        [2, 3, 4, 5, 7],
      )
    }))

  it('puts records of several arrivals into one batch, but dates a rejected one by its own', () =>
    withStream(async ({ spec, send, broker }) => {
      for (const line of lines(0, 3)) await send([line])
      const reader = await broker.openReader(spec)
      const [whole] = await reader.read(0, 0, 100)
      assert.deepEqual(
        numbersOf([whole!]).map(({ v }) => v),
        [0, 1, 2],
      )
      for (const value of [numberJson(3), '{"at":1}', numberJson(4)]) await send([value])
      const log = await CommittedFetch.open(connection, spec.topic)
      const arrivals = new Map<number, number>()
      for await (const { offset, timestampMs } of log.readToEnd(0, 0)) arrivals.set(offset, timestampMs)
      await log.close()
      const seen = await readThrough(reader, (batch) => ({ ...batch, numbers: numbersOf([batch]) }), {
        fromOffset: whole!.endOffset,
      })
      const rejected = seen.flatMap((batch) => batch.rejected!.map(({ position }) => ({ batch, position })))
      assert.equal(rejected.length, 1)
      const [{ batch, position }] = rejected as [(typeof rejected)[number]]
      assert.equal(batch.arrivalMs, arrivals.get(batch.baseOffset + position))
      assert.equal(new Set(arrivals.values()).size > 1, true)
      assert.deepEqual(
        seen.flatMap((one) => one.numbers.map(({ v }) => v)),
        [3, 4],
      )
      await reader.close()
    }))

  it('ends every batch where the next one begins, over markers and aborted records', () =>
    withStream(async ({ log, spec, append, broker }) => {
      await append(lines(0, 3))
      const other = await TransactionalProducer.open(connection, `${spec.topic}-aborting`)
      const value = Buffer.from(numberJson(99))
      const aborted = other.run(async (transaction) => {
        await transaction.send([{ topic: spec.topic, partition: 0, key: null, value }])
        throw new Error('aborted')
      })
      await assert.rejects(aborted)
      await append(lines(3, 5))
      const reader = await broker.openReader(spec)
      const { end } = await log.bounds(0)
      let next = 0
      const read: number[] = []
      while (next < end) {
        const [batch] = await reader.read(0, next, 2)
        assert.equal(batch!.baseOffset, next)
        read.push(...numbersOf([batch!]).map(({ v }) => v))
        next = batch!.endOffset
      }
      assert.deepEqual([next, read], [end, [0, 1, 2, 3, 4]])
    }))

  it('ends batches where another reader stands, and believes the greatest event time it has seen', () =>
    withStream(async ({ broker, spec, append, log }) => {
      await append(lines(0, 10))
      const { end } = await log.bounds(0)
      const reader = await broker.openReader(spec)
      reader.resumeAt(0, 4, 1234)
      const facts = (from: number) =>
        readThrough(reader, (batch) => [batch.baseOffset, batch.endOffset, batch.maxEventTimeBefore], {
          fromOffset: from,
        })
      assert.deepEqual(await facts(4), [[4, end, 1234]])
      assert.deepEqual(await facts(0), [
        [0, 4, -Infinity],
        [4, end, 3000],
      ])
      assert.deepEqual(await facts(7), [[7, end, 6000]])
    }))

  it('refuses offsets that it does not hold', () =>
    withStream(async ({ log, append }) => {
      await append(lines(0, 3))
      for (const offset of [-1, 5, 0.5])
        await assert.rejects(log.read(0, offset, 10), { code: 'MSB_LOG_OFFSET_OUT_OF_RANGE' })
    }))

  it('refuses to read what retention has deleted, and does not go on elsewhere', () =>
    withStream(async ({ log, append, spec, broker }) => {
      await append(lines(0, 10))
      await log.bounds(0)
      const reader = await broker.openReader(spec)
      reader.resumeAt(0, 3, 2000)
      const admin = createAdmin(connection)
      await admin.deleteRecords({ topics: [{ name: spec.topic, partitions: [{ partition: 0, offset: 6n }] }] })
      await admin.close()
      await assert.rejects(reader.read(0, 3, 10), { code: 'MSB_LOG_OFFSET_OUT_OF_RANGE' })
      assert.equal((await reader.bounds(0)).start, 6)
    }))

  it('trims what a producer sends again, refuses gaps and older instances, also after reopening', () =>
    withStream(async ({ log, append, spec }) => {
      const { epoch, nextSequences } = await log.openProducer('meter')
      assert.deepEqual([epoch, nextSequences], [1, [0]])
      await append(lines(0, 3), { epoch, baseSequence: 0 })
      assert.equal((await append(lines(0, 4), { epoch, baseSequence: 0 })).alreadyReceived, 3)
      await assert.rejects(append(lines(9, 10), { epoch, baseSequence: 9 }), { code: 'MSB_LOG_SEQUENCE_GAP' })
      const reopened = kafkaBroker(connection, spec)
      const newer = await reopened.openStream(spec)
      assert.deepEqual(await newer.knownProducer('meter'), { producerId: 'meter', epoch: 1, nextSequences: [4] })
      await assert.rejects(append(lines(4, 5), { epoch, baseSequence: 4 }), { code: 'MSB_KAFKA_FENCED' })
      await assert.rejects(append(lines(4, 5), { epoch, baseSequence: 4 }), { code: 'MSB_KAFKA_FENCED' })
      assert.deepEqual((await newer.openProducer('meter')).epoch, 2)
      assert.deepEqual(await numbers(newer), [0, 1, 2, 3])
      await reopened.close()
    }))

  it('spreads records over the partitions, or puts them where their key belongs, and knows what it received however it was cut', () =>
    withStream(async ({ broker, spec, log, decode }) => {
      const { epoch } = await log.openProducer('meter')
      const placed = (from: number, to: number) => ({
        partition: null,
        decoded: decode(lines(from, to)),
        arrivalMs: 1,
        producer: { producerId: 'meter', epoch, baseSequence: from },
      })
      const first = await log.append(placed(0, 600))
      assert.deepEqual(first.placed, [
        { partition: 0, accepted: 300, maxEventTimeMs: 299_000 },
        { partition: 1, accepted: 300, maxEventTimeMs: 599_000 },
      ])
      assert.equal((await log.append(placed(0, 700))).alreadyReceived, 600)
      const everything = async (): Promise<number[][]> => {
        const reader = await broker.openReader(spec)
        const read = [0, 1].map((partition) =>
          readThrough(reader, (batch) => numbersOf([batch]).map(({ v }) => v), { partition }),
        )
        return (await Promise.all(read)).map((batches) => batches.flat())
      }
      const written = await everything()
      assert.deepEqual(
        written.map(({ length }) => length),
        [400, 300],
      )
      assert.deepEqual(
        written.flat().sort((a, b) => a - b),
        lines(0, 700).map((_, v) => v),
      )
      const second = kafkaBroker(connection, spec, { keyBy: 'v' })
      const keyed = await second.openStream(spec)
      assert.deepEqual((await keyed.openProducer('meter')).nextSequences, [700])
      await keyed.append({ partition: null, decoded: decode(lines(700, 720)), arrivalMs: 1 })
      const [left, right] = await everything()
      const partitionOf = (v: number): number => partitionOfKey(Buffer.from(String(v)), 2)
      assert.ok(left!.filter((v) => v >= 700).every((v) => partitionOf(v) === 0))
      assert.ok(right!.filter((v) => v >= 700).every((v) => partitionOf(v) === 1))
      assert.equal(left!.length + right!.length, 720)
      await second.close()
    }, 2))

  it('does not wait for ever for what a transaction of somebody else keeps from being seen', () =>
    withStream(async ({ spec, log, append }) => {
      await append(lines(0, 2))
      const other = await TransactionalProducer.open(connection, `${spec.topic}-slow`)
      const value = Buffer.from(numberJson(99))
      const ended = Promise.withResolvers<void>()
      const sent = Promise.withResolvers<void>()
      const open = other.run(async (transaction) => {
        await transaction.send([{ topic: spec.topic, partition: 0, key: null, value }])
        sent.resolve()
        await ended.promise
      })
      await sent.promise
      assert.equal((await append(lines(2, 4))).accepted, 2)
      const held = (await log.bounds(0)).end
      assert.equal((await append(lines(4, 5))).accepted, 1)
      ended.resolve()
      await open
      await append(lines(5, 6))
      assert.ok((await log.bounds(0)).end > held)
      assert.deepEqual(await numbers(log), [0, 1, 99, 2, 3, 4, 5])
      await other.close()
    }))

  it('counts an idle mark for the records behind it, for readers of then and of later', () =>
    withStream(async ({ log, append, broker, spec }) => {
      await append(lines(0, 2))
      assert.deepEqual([await log.markIdle(0, 60_000), await log.markIdle(0, 60_000)], [true, false])
      await append(lines(2, 3))
      assert.equal((await log.bounds(0)).maxEventTime, 60_000)
      assert.equal((await log.bounds(0)).maxEventTimeReceived, 2000)
      const facts = await readThrough(await broker.openReader(spec), (batch) => [
        batch.received,
        batch.maxEventTimeBefore,
      ])
      assert.deepEqual(facts, [
        [2, -Infinity],
        [1, 60_000],
      ])
    }))

  it('lists dead letters that its readers kept, and brings each back once', () =>
    withStream(async ({ log, append, spec, decode }) => {
      await append([numberJson(0), '{"at":1}', 'x'])
      const keeper = await TransactionalProducer.open(connection, `${spec.topic}-keeper`)
      const letters = await readThrough(log, ({ baseOffset, arrivalMs, rejected }) =>
        rejected!.map((record) =>
          deadLetterMessage(spec.topic, { ...record, partition: 0, offset: baseOffset + record.position, arrivalMs }),
        ),
      )
      await keeper.run((transaction) => transaction.send(letters.flat()))
      await keeper.close()
      while ((await log.deadLetters(0)).length < 2) await delay(5)
      const [first] = await log.deadLetters(0, { limit: 1 })
      assert.deepEqual(
        [first!.offset, Buffer.from(first!.raw).toString(), first!.rejection.code, first!.replay],
        [1, '{"at":1}', 'missing_field', null],
      )
      assert.deepEqual(
        (await log.deadLetterCounts(0)).map(({ code, count }) => [code, count]),
        [
          ['missing_field', 1],
          ['malformed', 1],
        ],
      )
      const repair = () =>
        log.appendRepaired({ partition: 0, letters: [1], batch: decode([numberJson(1)]).batch, nowMs: 5 })
      assert.deepEqual(await repair(), { replayed: 1, replayedBefore: 0 })
      while ((await log.deadLetters(0))[0]!.replay === null) await delay(5)
      assert.deepEqual(await repair(), { replayed: 0, replayedBefore: 1 })
      assert.deepEqual(await numbers(log), [0, 1])
      await assert.rejects(log.placeRepaired({ partition: 0, letters: [2], batch: decode([]) as never, nowMs: 5 }), {
        code: 'MSB_KAFKA_UNSUPPORTED',
      })
    }))

  it('has another generation when its topic was deleted and made again, which who has it open is told', () =>
    withStream(async ({ log, append, spec, broker }) => {
      await append(lines(0, 2))
      const before = (await log.bounds(0)).generations
      const reader = await broker.openReader(spec)
      await reader.read(0, 0, 1)
      const admin = createAdmin(connection)
      await admin.deleteTopics({ topics: [spec.topic] })
      while ((await admin.listTopics()).includes(spec.topic)) await delay(20)
      await admin.close()
      const again = kafkaBroker(connection, spec)
      const { generations } = await (await again.openStream(spec)).bounds(0)
      assert.notEqual(generations[0]!.id, before[0]!.id)
      await assert.rejects(
        readThrough(reader, () => null),
        { code: 'MSB_KAFKA_TOPIC_NOT_FOUND' },
      )
      await again.close()
    }))

  it('says in what a topic that exists differs, and refuses another number of partitions', () =>
    withStream(async ({ spec: { topic } }) => {
      const differences = await ensureTopics(connection, [
        { topic, partitions: 1, replication: 1, retention: { timeMs: 1000, bytes: null } },
      ])
      assert.deepEqual(differences, [{ topic, setting: 'retention.ms', wanted: '1000', found: '-1' }])
      await assert.rejects(ensureTopics(connection, [{ topic, partitions: 2, replication: 1 }]), {
        code: 'MSB_KAFKA_TOPIC_MISMATCH',
      })
    }))

  it('says that no broker answers', async () => {
    const spec = numberStream()
    const nobody = kafkaBroker({ bootstrapServers: ['127.0.0.1:1'] }, spec)
    await assert.rejects(nobody.openStream(spec), {
      code: 'MSB_KAFKA_UNREACHABLE',
      message: /ECONNREFUSED 127.0.0.1:1/,
    })
  })

  it(
    'loses nothing and has nothing twice when the broker is killed in the middle of appends',
    { timeout: 240_000 },
    () =>
      withStream(async ({ log, append, spec }) => {
        let { epoch, nextSequences } = await log.openProducer('meter')
        const [total, size] = [3000, 50]
        let failures = 0
        const kills = (async () => {
          for (let kill = 0; kill < 3; kill++) {
            await delay(400)
            await cluster.restart('kafka-1')
          }
        })()
        let killing = true
        void kills.finally(() => {
          killing = false
        })
        for (let next = nextSequences[0]!; next < total || killing; ) {
          if (next >= total) {
            await delay(20)
            continue
          }
          try {
            await append(lines(next, next + size), { epoch, baseSequence: next })
            next += size
            await delay(killing ? 30 : 0)
          } catch (error) {
            assert.ok(error instanceof MysimbdpError && error.retry === 'backoff', String(error))
            failures++
            const known = await log.knownProducer('meter').catch(() => undefined)
            if (known !== undefined) {
              epoch = known.epoch
              next = known.nextSequences[0]!
            }
          }
        }
        await kills
        const reader = await kafkaBroker(connection, spec).openReader(spec)
        assert.deepEqual(await numbers(reader), [...Array(total).keys()], `${failures} appends failed`)
        await reader.close()
      }),
  )
})
