import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type QueryRun, STALLED_AFTER_MS, SupervisedQuery, type SupervisedQuerySpec } from './supervised-query.ts'

/** What Spark writes of a trigger; without `addBatch` one that found nothing to do. */
const progress = (batchId: number, second: number, more: object = {}) => ({
  batchId,
  timestamp: new Date(second * 1000).toISOString(),
  durationMs: { addBatch: 40, triggerExecution: 50 },
  sources: [{ numInputRows: 10, endOffset: '{"in":{"0":7}}', latestOffset: '{"in":{"0":9}}' }],
  ...more,
})
const idle = (batchId: number, second: number) => progress(batchId, second, { durationMs: { triggerExecution: 5 } })

/** A run that says what it is told to; whether it is active is up to the test. */
class ScriptedRun implements QueryRun {
  readonly runId: string
  said: readonly unknown[] = []
  does = 'Getting offsets from KafkaV2[Subscribe[in]]'
  failed: { readonly message: string; readonly errorClass: string | null } | null = null

  constructor(runId: string) {
    this.runId = runId
  }

  status = async () => ({ message: this.does })
  lastProgress = async () => this.said.at(-1) ?? null
  recentProgress = async () => this.said
  failure = async () => this.failed
  stop = async () => {}
}

async function supervised(learn: SupervisedQuerySpec['learn'] = async () => false) {
  const clock = { now: 0, nowMs: () => clock.now, monotonicMs: () => clock.now }
  const runs: ScriptedRun[] = []
  const start = async (): Promise<ScriptedRun> => {
    const run = new ScriptedRun(`run-${runs.length}`)
    runs.push(run)
    return run
  }
  const spec = { name: 'app.q', clock, pages: 'http://spark', observation: 'records', start, learn }
  const query = new SupervisedQuery(spec, null)
  assert.deepEqual([query.isDue, query.facts.state], [true, 'starting'])
  await query.start()
  return { query, clock, runs, active: () => new Set([runs.at(-1)!.runId]) }
}

const NONE: ReadonlySet<string> = new Set()

describe('a supervised query', () => {
  it('counts each batch once, also those that came between two looks', async () => {
    const { query, runs, active } = await supervised()
    assert.equal(await query.poll(active()), false)
    assert.equal(query.facts.inputRows, 0)
    runs[0]!.said = [progress(4, 1), idle(5, 2)]
    assert.equal(await query.poll(active()), true)
    assert.equal(await query.poll(active()), false)
    runs[0]!.said = [...runs[0]!.said, progress(5, 3), progress(6, 4), idle(7, 5)]
    assert.equal(await query.poll(active()), true)
    runs[0]!.said = [...runs[0]!.said, progress(7, 6)]
    assert.equal(await query.poll(active()), true)
    const { inputRows, batch } = query.facts
    assert.deepEqual([inputRows, batch!.id, batch!.lag], [40, 7, 2])
    assert.deepEqual(batch!.positions, [{ topic: 'in', partition: 0, offset: 7 }])
  })

  it('is started again after pauses that double, to a minute, until a batch comes through', async () => {
    const { query, clock, runs, active } = await supervised()
    const pauses: number[] = []
    const failAndWait = async (): Promise<void> => {
      runs.at(-1)!.failed = { message: 'no\n=== Streaming Query ===\nplan', errorClass: 'STREAM_FAILED' }
      await query.poll(NONE)
      assert.equal(query.facts.state, 'restarting')
      assert.deepEqual(query.facts.lastError, { code: 'MSB_SPARK_QUERY_FAILED', message: "'app.q' ended: no" })
      const [before, failedMs] = [runs.length, clock.now]
      while (runs.length === before) {
        clock.now += 500
        if (query.isDue) await query.start()
      }
      pauses.push(clock.now - failedMs)
    }
    for (let failure = 0; failure < 8; failure++) await failAndWait()
    assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    runs.at(-1)!.said = [progress(1, 1)]
    await query.poll(active())
    await failAndWait()
    assert.equal(pauses.at(-1), 1000)
    assert.equal(query.facts.restarts, 9)
  })

  it('that ended because it had to know something is started at once when that is known, later when it cannot be', async () => {
    let knows = false
    const { query, clock, runs } = await supervised(async ({ message }) => {
      assert.equal(message, 'asked')
      if (!knows) throw new MysimbdpError('MSB_REGISTRY_UNAVAILABLE', 'no registry')
      return true
    })
    const end = async (): Promise<void> => {
      runs.at(-1)!.failed = { message: 'asked', errorClass: null }
      await query.poll(NONE)
    }
    await end()
    const lastError = { code: 'MSB_REGISTRY_UNAVAILABLE', message: "'app.q' ended: no registry" }
    assert.deepEqual([query.isDue, query.facts.lastError], [false, lastError])
    clock.now += 1000
    await query.start()
    knows = true
    await end()
    assert.deepEqual([query.isDue, query.facts.state, query.facts.lastError], [true, 'restarting', lastError])
  })

  it('is stalled when it says nothing for a minute and is in no batch, and no longer when it does', async () => {
    const { query, clock, runs, active } = await supervised()
    runs[0]!.said = [progress(1, 1)]
    await query.poll(active())
    clock.now += STALLED_AFTER_MS + 1
    runs[0]!.does = 'Processing new data'
    await query.poll(active())
    assert.equal(query.facts.state, 'running')
    runs[0]!.does = 'Getting offsets from KafkaV2[Subscribe[in]]'
    await query.poll(active())
    assert.equal(query.facts.state, 'stalled')
    runs[0]!.said = [idle(2, 2)]
    await query.poll(active())
    assert.equal(query.facts.state, 'running')
  })
})
