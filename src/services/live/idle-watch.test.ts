import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import type { StreamLog } from '#dataplane/brokers/broker.ts'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { createSchema } from '#language/schemas/schema.ts'
import { IdleWatch } from './idle-watch.ts'

const NOW = 1_000_000
const schema = createSchema('reading', [{ name: 'at', type: { kind: 'timestamp' }, nullable: false }])
let folder: string
let broker: LocalBroker
let log: StreamLog

const open = async (): Promise<void> => {
  broker = new LocalBroker({ folder })
  log = await broker.openStream({ topic: 'quiet', schema, eventTime: 'at', partitions: 2 })
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mysimbdp-idle-'))
  await open()
})
afterEach(async () => {
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

async function append(partition: number, at: number, arrivalMs: number): Promise<void> {
  const decoder = createJsonDecoder({ schema, eventTime: 'at', timeZone: 'UTC' })
  decoder.write(Buffer.from(`{"at":${at}}\n`))
  await log.append({ partition, decoded: decoder.take(1, { arrivalMs, maxFutureSkewMs: null })!, arrivalMs })
}

const watch = (closeWhenIdle: boolean, idleTimeoutMs: number | null = 10_000): IdleWatch =>
  new IdleWatch({
    log,
    policy: { idleTimeoutMs, closeWhenIdle },
    delayMs: 5000,
    longestWindowMs: 60_000,
    startedMs: NOW,
  })

const reached = async (): Promise<readonly number[]> => [
  (await log.bounds(0)).maxEventTime,
  (await log.bounds(1)).maxEventTime,
]

it('an idle partition is raised to those that are not, and no further', async () => {
  await append(0, 500, NOW)
  await append(1, 900, NOW + 9000)
  assert.equal(await watch(true).check(NOW + 9999), false)
  assert.equal(await watch(true).check(NOW + 10_000), true)
  assert.deepEqual(await reached(), [900, 900])
  assert.equal(await watch(true).check(NOW + 10_001), false, 'a mark that raises nothing is not written')
})

it('a partition that never had a record is idle only after the timeout', async () => {
  await append(1, 900, NOW + 9500)
  assert.equal(await watch(false).check(NOW + 9999), false)
  assert.equal(await watch(false).check(NOW + 10_000), true)
  assert.deepEqual(await reached(), [900, 900])
})

it('when all are idle nothing that was received holds back, and the clock counts only where the stream asks for it', async () => {
  await append(0, 500, NOW)
  await append(1, 900, NOW + 1)
  await watch(false).check(NOW + 20_001)
  assert.deepEqual(await reached(), [900, 900])
  assert.equal(await watch(false).check(NOW + 90_000), false)
  await watch(true).check(NOW + 20_001)
  assert.deepEqual(await reached(), [20_900, 20_900])
})

it('marks go by the time since the last arrival, over a restart too, until every window is closed', async () => {
  await append(0, 900, NOW)
  await append(1, 900, NOW)
  await watch(true).check(NOW + 20_000)
  await broker.close()
  await open()
  await watch(true).check(NOW + 30_000)
  assert.deepEqual(await reached(), [30_900, 30_900])
  await watch(true).check(NOW + 500_000)
  assert.deepEqual(await reached(), [65_900, 65_900], 'the last window and the delay')
  assert.equal(await watch(true).check(NOW + 600_000), false)
})

it('marks never pass now, and never lower anything', async () => {
  await append(0, NOW + 3000, NOW)
  await append(1, NOW - 1000, NOW)
  await watch(true).check(NOW + 10_000)
  assert.deepEqual(await reached(), [NOW + 10_000, NOW + 10_000])
  assert.equal(await watch(true).check(NOW + 9000), false)
})

it('a stream that does not ask for it has no marks', async () => {
  await append(0, 900, NOW)
  assert.equal(await watch(false, null).check(NOW + 1_000_000), false)
})
