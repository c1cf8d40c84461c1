import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { AppendRequest, AppendResult, StreamLog } from '#dataplane/brokers/broker.ts'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { streamsOf } from '#language/plan/plan.ts'
import { AppendQueue } from '#services/live/append-queue.ts'
import { openLogs } from '#services/runs/bounded-run.ts'
import firstQuery from '../../examples/first-query/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

/** A log whose syncs are counted: each call of appendAll is one transaction. */
async function withCountedLog(
  work: (log: StreamLog, syncs: () => number) => Promise<void>,
  logBytesMax: number | null = null,
): Promise<void> {
  await withScratchFolder(async (folder) => {
    const broker = new LocalBroker({ folder, logBytesMax })
    try {
      const log = (await openLogs(firstQuery.plan, broker)).get('readings')!
      let syncs = 0
      const appendAll = log.appendAll.bind(log)
      log.appendAll = (requests) => {
        syncs++
        return appendAll(requests)
      }
      await work(log, () => syncs)
    } finally {
      await broker.close()
    }
  })
}

function requestOf(records: number, producer?: AppendRequest['producer']): AppendRequest {
  const decoder = embeddedPlatform.createDecoder(firstQuery, 'readings', 'json')
  for (let i = 0; i < records; i++)
    decoder.write(new TextEncoder().encode(`{"sensor":"north","at":${1_700_000_000_000 + i},"celsius":20.5}\n`))
  decoder.end()
  const decoded = decoder.take(records, { arrivalMs: 0, maxFutureSkewMs: null })!
  return { partition: 0, decoded, arrivalMs: 0, ...(producer !== undefined && { producer }) }
}

it('500 small appends at once need few syncs, and each is answered with its place', () =>
  withCountedLog(async (log, syncs) => {
    let grown = 0
    const queue = new AppendQueue(log, systemClock, () => grown++)
    const requests = Array.from({ length: 500 }, () => requestOf(3))
    const results = await Promise.all(requests.map((request) => queue.append(request, 150)))
    assert.deepEqual(
      results.map(({ baseOffset }) => baseOffset),
      results.map((_, i) => i * 3),
    )
    assert.equal(streamsOf(firstQuery.plan).size, 1)
    assert.ok(syncs() <= 10, `${syncs()} syncs`)
    assert.equal(grown, syncs())
    assert.equal((await log.bounds(0)).end, 1500)
  }))

it('what fills a batch does not wait for others', () =>
  withCountedLog(async (log, syncs) => {
    const queue = new AppendQueue(log, systemClock, () => {})
    const [small, full] = [requestOf(10), requestOf(4096)]
    await Promise.all([queue.append(small, 500), queue.append(full, 200_000)])
    await Promise.all([queue.append(full, 5 * 1024 * 1024), queue.append(small, 500)])
    assert.equal(syncs(), 2)
    assert.equal(queue.waitingRecords, 0)
  }))

it('what comes soon after a sync waits for others, what comes after a pause does not', () =>
  withCountedLog(async (log) => {
    // The clock stands: as many milliseconds are left to wait as there ever are.
    const clock = { ...systemClock, monotonicMs: () => 0 }
    const [busy, idle] = [new AppendQueue(log, clock, () => {}), new AppendQueue(log, clock, () => {})]
    // Made before: to make one may take longer than the wait that is looked at.
    const [first, second, third] = [requestOf(1), requestOf(1), requestOf(1)]
    await busy.append(first, 100)
    const soonAfter = busy.append(second, 100)
    const afterPause = idle.append(third, 100)
    assert.equal((await afterPause).baseOffset, 1)
    assert.equal((await soonAfter).baseOffset, 2)
  }))

it('an error concerns the append that has it; a log that is full refuses the whole group', () =>
  withCountedLog(async (log) => {
    let failed = 0
    const onFailed = (records: number): void => {
      failed += records
    }
    const queue = new AppendQueue(log, systemClock, () => {}, onFailed)
    const { epoch } = await log.openProducer('p')
    const settled = await Promise.allSettled<AppendResult>([
      queue.append(requestOf(2, { producerId: 'p', epoch, baseSequence: 0 }), 100),
      queue.append(requestOf(2, { producerId: 'p', epoch, baseSequence: 5 }), 100),
      queue.append(requestOf(2, { producerId: 'p', epoch, baseSequence: 2 }), 100),
    ])
    assert.deepEqual(
      settled.map((each) => (each.status === 'fulfilled' ? each.value.baseOffset : each.reason.code)),
      [0, 'MSB_LOG_SEQUENCE_GAP', 2],
    )
    assert.equal(failed, 0, 'a gap is the fault of who left it')
    const fill = async (): Promise<never> => {
      for (;;) await Promise.all([queue.append(requestOf(4000), 1), queue.append(requestOf(1), 1)])
    }
    await assert.rejects(fill(), { code: 'MSB_LOG_FULL' })
    assert.equal(failed, 4001)
    const { end } = await log.bounds(0)
    assert.equal((end - 4) % 4001, 0, 'of a refused group nothing is there')
  }, 500_000))

it('draining appends what waits', () =>
  withCountedLog(async (log) => {
    const queue = new AppendQueue(log, systemClock, () => {})
    const appended = queue.append(requestOf(7), 300)
    await queue.drain()
    assert.equal((await log.bounds(0)).end, 7)
    assert.equal((await appended).accepted, 7)
  }))
