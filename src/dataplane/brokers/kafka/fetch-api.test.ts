import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kGetApi, kListApis, MultipleErrors } from '@platformatic/kafka'
import { createConsumer } from './connection.ts'
import { FETCH } from './fetch-api.ts'
import { kafkaError } from './kafka-error.ts'

/** What is chosen of a broker that knows requests up to a version. */
async function chosen(name: string, apiKey: number, maxVersion: number) {
  const consumer = createConsumer({ bootstrapServers: ['127.0.0.1:1'] }, 'test')
  consumer[kListApis] = (callback) => callback(null, [{ apiKey, name, minVersion: 0, maxVersion }])
  const answer = await new Promise<{ error: Error | null; version: number | undefined }>((resolve) => {
    consumer[kGetApi](name, (error, api) => resolve({ error, version: api?.version }))
  })
  await consumer.close()
  return answer
}

describe('the request by which records are fetched', () => {
  it('is ours, with brokers as they are since Kafka 3.9', async () => {
    for (const known of [FETCH.version, FETCH.version + 1])
      assert.deepEqual(await chosen('Fetch', FETCH.key, known), { error: null, version: FETCH.version })
  })

  it('is refused of older brokers, with a sentence, and not tried again', async () => {
    const { error } = await chosen('Fetch', FETCH.key, FETCH.version - 1)
    assert.equal((error as { canRetry?: boolean }).canRetry, false)
    const { code, message } = kafkaError(new MultipleErrors('fetch failed 1 times.', [error!]), 'reading')
    assert.deepEqual([code, message], ['MSB_KAFKA_UNSUPPORTED', 'the brokers are older than Kafka 3.9'])
  })

  it("leaves the package's other requests alone", async () => {
    assert.deepEqual(await chosen('Metadata', 3, 9), { error: null, version: 9 })
  })
})
