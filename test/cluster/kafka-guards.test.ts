import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { Consumer, FetchIsolationLevels, Producer } from '@platformatic/kafka'
import { CommittedFetch } from '#dataplane/brokers/kafka/committed-fetch.ts'
import {
  createAdmin,
  createTransactionalClient,
  type KafkaConnection,
  memberOptions,
} from '#dataplane/brokers/kafka/connection.ts'
import { ensureTopics } from '#dataplane/brokers/kafka/ensure-topics.ts'
import { KafkaChangelog } from '#dataplane/brokers/kafka/kafka-changelog.ts'
import { isAnswer } from '#dataplane/brokers/kafka/kafka-error.ts'
import { type KafkaMessage, TransactionalProducer } from '#dataplane/brokers/kafka/transactional-producer.ts'
import { randomName } from '#foundation/random/random-id.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { delay } from '#foundation/time/timers.ts'
import { streamTopicOf } from '#language/plan/topic-names.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

/** Each guard against what the client does by itself, and beside it the client without the guard, so that a guard that is not needed any more is noticed. */
describe('the guards around the Kafka client', { skip: await whyNoServers(['kafka']), concurrency: true }, () => {
  let connection: KafkaConnection
  before(async () => {
    const { addresses } = await startTestCluster({ servers: ['kafka'] })
    connection = { bootstrapServers: addresses.bootstrapServers }
    // On a cluster that is quite fresh the first producer has id 0, which hides what the client does with ids.
    await (await TransactionalProducer.open(connection, 'first')).close()
  })

  const newTopic = async (partitions = 1): Promise<string> => {
    const topic = `guard-${randomName()}`
    await ensureTopics(connection, [{ topic, partitions, replication: 1 }])
    return topic
  }
  const message = (topic: string, value: string | Buffer, partition = 0): KafkaMessage => ({
    topic,
    partition,
    key: null,
    value: Buffer.from(value),
  })
  const sent = (messages: readonly KafkaMessage[]) =>
    messages.map(({ topic, partition, value }) => ({ topic, partition, value: value! }))

  /** Where a topic ends, once all that was sent is decided: a commit is answered a moment before its marker is there. */
  async function decidedEnd(topic: string): Promise<number> {
    const admin = createAdmin(connection)
    const endAt = async (isolationLevel: 0 | 1): Promise<bigint> => {
      const topics = [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1n }] }]
      return (await admin.listOffsets({ topics, isolationLevel }))[0]!.partitions[0]!.offset
    }
    while ((await endAt(0)) !== (await endAt(1))) await delay(5)
    const end = await endAt(1)
    await admin.close()
    return Number(end)
  }

  /** What is committed of a topic, as our reader sees it and as the client's own filter does, in answers of so many bytes. */
  async function readBothWays(topic: string, maxBytes: number): Promise<{ ours: string[]; clients: string[] }> {
    const fetch = await CommittedFetch.open(connection, topic)
    const isolationLevel = FetchIsolationLevels.READ_COMMITTED
    const consumer = new Consumer({ ...memberOptions(connection, topic), isolationLevel })
    const values = { ours: [] as string[], clients: [] as string[] }
    const end = await decidedEnd(topic)
    consumer.topics.trackAll(topic)
    const node = (await consumer.metadata({ topics: [topic] })).topics.get(topic)!.partitions[0]!.leader
    for (let next = 0; next < end; ) {
      const { records, nextOffset } = await fetch.fetch({ partition: 0, fromOffset: next, maxBytes, maxWaitMs: 0 })
      values.ours.push(...records.map(({ value }) => value!.toString()))
      const epochs = { currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
      const partitions = [{ partition: 0, fetchOffset: BigInt(next), partitionMaxBytes: maxBytes, ...epochs }]
      const topics = [{ topicId: fetch.topicId, partitions }]
      const answer = await consumer.fetch({ node, maxBytes, maxWaitTime: 0, topics })
      for (const batch of answer.responses[0]?.partitions[0]?.records ?? [])
        if ((batch.attributes & 32) === 0) values.clients.push(...batch.records.map(({ value }) => value!.toString()))
      next = nextOffset
    }
    await Promise.all([fetch.close(), consumer.close(true)])
    return values
  }

  it('keeps several aborted transactions of one producer in one answer from readers', async () => {
    const topic = await newTopic()
    const client = createTransactionalClient(connection, topic)
    for (const [value, end] of [
      ['A', 'abort'],
      ['B', 'abort'],
      ['C', 'commit'],
      ['D', 'abort'],
      ['E', 'commit'],
    ] as const) {
      const transaction = await client.beginTransaction()
      await transaction.send({ messages: sent([message(topic, value)]) })
      await transaction[end]()
    }
    await client.close()
    const { ours, clients } = await readBothWays(topic, 1024 * 1024)
    assert.deepEqual(ours, ['C', 'E'])
    assert.notDeepEqual(clients, ours, 'the client has learned this')
  })

  it('gives what was committed before an abort that left no record in the partition', async () => {
    const topic = await newTopic()
    const client = createTransactionalClient(connection, topic)
    for (const [value, end] of [
      ['aborted', 'abort'],
      ['committed', 'commit'],
    ] as const) {
      const transaction = await client.beginTransaction()
      await transaction.send({ messages: sent([message(topic, value)]) })
      await transaction[end]()
    }
    // What the topic is too small for is refused when the partition is part of the transaction already; the next instance has it aborted.
    const refused = await client.beginTransaction()
    const large = sent([message(topic, randomBytes(3 * 1024 * 1024))])
    await assert.rejects(refused.send({ messages: large, compression: 'none' }))
    await client.close()
    const producer = await TransactionalProducer.open(connection, topic)
    await producer.run((next) => next.send([message(topic, 'later')]))
    await producer.close()
    const { ours, clients } = await readBothWays(topic, 8 * 1024 * 1024)
    assert.deepEqual(ours, ['committed', 'later'])
    assert.deepEqual(clients, ['later'], 'the client drops it: unless this fails, its filter has to be kept off')
  })

  it('keeps an aborted transaction that is longer than an answer from readers', async () => {
    const topic = await newTopic()
    const client = createTransactionalClient(connection, topic)
    const transaction = await client.beginTransaction()
    for (let i = 0; i < 6; i++)
      await transaction.send({
        messages: sent([message(topic, Buffer.alloc(100_000, String(i)))]),
        compression: 'none',
      })
    await transaction.abort()
    await client.close()
    const producer = await TransactionalProducer.open(connection, topic)
    await producer.run((next) => next.send([message(topic, 'committed')]))
    await producer.close()
    const { ours, clients } = await readBothWays(topic, 150_000)
    assert.deepEqual(ours, ['committed'])
    assert.notDeepEqual(clients, ours, 'the client has learned this')
  })

  it('lets every new instance begin, and fences the one before', async () => {
    const topic = await newTopic()
    const [first, second] = [
      await TransactionalProducer.open(connection, topic),
      await TransactionalProducer.open(connection, topic),
    ]
    await assert.rejects(
      first.run((transaction) => transaction.send([message(topic, 'old')])),
      { code: 'MSB_KAFKA_FENCED' },
    )
    const third = await TransactionalProducer.open(connection, topic)
    await third.run((transaction) => transaction.send([message(topic, 'new')]))
    for (const producer of [first, second, third]) await producer.close()
    assert.deepEqual((await readBothWays(topic, 1024)).ours, ['new'])

    const begin = async (): Promise<void> => {
      const options = { clientId: 'bare', bootstrapBrokers: [...connection.bootstrapServers], retries: 1 }
      const bare = new Producer({ ...options, idempotent: true, transactionalId: `${topic}-bare` })
      await bare.beginTransaction().finally(() => bare.close())
    }
    await assert.rejects(
      async () => {
        for (let start = 0; start < 3; start++) await begin()
      },
      (error) => isAnswer(error, 'PRODUCER_FENCED'),
    )
  })

  it('ends a transaction in which nothing was sent without the broker, which would refuse', async () => {
    const topic = await newTopic()
    const producer = await TransactionalProducer.open(connection, topic)
    assert.equal(await producer.run(async () => 'nothing'), 'nothing')
    await producer.run((transaction) => transaction.send([message(topic, 'something')]))
    await producer.close()
    const client = createTransactionalClient(connection, `${topic}-bare`)
    const transaction = await client.beginTransaction()
    await assert.rejects(transaction.commit(), (error) => isAnswer(error, 'INVALID_TXN_STATE'))
    await client.close()
  })

  it('lets the group of an app follow the commits of its job, by itself, or at its end', async () => {
    const app = `guard-${randomName()}`
    const topic = streamTopicOf(app, 'trips')
    await ensureTopics(connection, [{ topic, partitions: 1, replication: 1 }])
    const changelog = new KafkaChangelog({ connection, app, queries: [], replication: 1, clock: systemClock })
    await changelog.takeOver()
    const commit = (offset: number) =>
      changelog.write({
        state: [{ key: `${offset}`, value: Buffer.from('x') }],
        results: [],
        rejected: [],
        positions: [{ stream: 'trips', partition: 0, offset }],
      })
    const committed = async (): Promise<number> => {
      const admin = createAdmin(connection)
      const request = {
        groups: [{ groupId: app, topics: [{ name: topic, partitionIndexes: [0] }] }],
        requireStable: true,
      }
      const [answer] = await admin.listConsumerGroupOffsets(request)
      await admin.close()
      return Number(answer!.topics[0]!.partitions[0]!.committedOffset)
    }
    await commit(5)
    while ((await committed()) !== 5) await delay(20)
    await commit(6)
    while ((await committed()) !== 6) await delay(20)
    for (let next = 7; next < 10; next++) await commit(next)
    await changelog.close()
    assert.equal(await committed(), 9)
  })

  it('lets a transaction take longer than the 5 s that the client gives it', { timeout: 120_000 }, async () => {
    const topic = await newTopic()
    const producer = await TransactionalProducer.open(connection, topic)
    const bare = new Producer({
      clientId: 'bare',
      bootstrapBrokers: [...connection.bootstrapServers],
      idempotent: true,
      transactionalId: `${topic}-bare`,
      producerId: -1n,
      producerEpoch: -1,
    })
    const transaction = await bare.beginTransaction()
    await transaction.send({ messages: sent([message(topic, 'bare')]) })
    await producer.run(async (guarded) => {
      await guarded.send([message(topic, 'guarded')])
      // The broker looks for transactions that take too long every 10 s.
      await delay(21_000)
    })
    await assert.rejects(transaction.commit())
    await Promise.all([producer.close(), bare.close()])
    assert.deepEqual((await readBothWays(topic, 1024)).ours, ['guarded'])
  })

  it('cuts what is sent so that no batch is larger than a topic takes', async () => {
    const topic = await newTopic()
    const large = Array.from({ length: 60 }, (_, i) => message(topic, randomName().repeat(5000) + i))
    const producer = await TransactionalProducer.open(connection, topic)
    const offsets = await producer.run((transaction) => transaction.send(large))
    await producer.close()
    assert.deepEqual(offsets, [...offsets.keys()])
    const client = createTransactionalClient(connection, topic)
    const transaction = await client.beginTransaction()
    const whole = transaction.send({ messages: sent(large), compression: 'none' })
    await assert.rejects(whole, (error) => isAnswer(error, 'MESSAGE_TOO_LARGE'))
    await client.close()
  })

  it('refuses to go on after an error, whatever it was', async () => {
    const topic = await newTopic()
    const producer = await TransactionalProducer.open(connection, topic)
    const broken = producer.run(async (transaction) => {
      await transaction.send([message(topic, 'half')])
      throw new RangeError('of the caller')
    })
    await assert.rejects(broken, RangeError)
    await assert.rejects(producer.run((transaction) => transaction.send([message(topic, 'more')])))
    await producer.close()
    assert.deepEqual((await readBothWays(topic, 1024)).ours, [])
  })
})
