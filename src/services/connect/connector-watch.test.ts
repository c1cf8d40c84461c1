import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Clock } from '#foundation/time/clock.ts'
import { ConnectClient } from './connect-client.ts'
import { ConnectorWatch } from './connector-watch.ts'

const CONFIG = { 'connector.class': 'x.Sink', topics: 'app_qStream' }
const RUNNING = { state: 'RUNNING', worker_id: 'w' }
const TRACE = `org.apache.kafka.connect.errors.ConnectException: Exiting due to unrecoverable exception.
\tat org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:636)
Caused by: com.datastax.oss.driver.api.core.servererrors.InvalidQueryException: unconfigured table q
\tat java.base/java.lang.Thread.run(Thread.java:840)`

/** Answers what it is told to, and remembers what was asked of it. */
class ConnectStandIn {
  readonly asked: string[] = []
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response))
  config: Record<string, string> | null = CONFIG
  tasks: readonly { readonly id: number; readonly state: string; readonly trace?: string }[] = []
  connector = 'RUNNING'

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #answer(request: IncomingMessage, response: import('node:http').ServerResponse): Promise<void> {
    const pieces = await request.toArray()
    const asked = `${request.method} ${request.url}`
    if (request.method !== 'GET') this.asked.push(asked)
    if (request.method === 'PUT' && request.url!.endsWith('/config'))
      this.config = JSON.parse(Buffer.concat(pieces).toString('utf8'))
    if (request.url!.endsWith('/stop')) this.connector = 'STOPPED'
    if (request.url!.endsWith('/resume')) this.connector = 'RUNNING'
    const isKnown = this.config !== null
    const status = {
      name: 'app_q',
      connector: { ...RUNNING, state: this.connector },
      tasks: this.tasks.map((task) => ({ ...task, worker_id: 'w' })),
    }
    const body = request.url!.endsWith('/config') ? this.config : request.url!.endsWith('/status') ? status : null
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isKnown ? body : { error_code: 404, message: 'not found' }))
  }
}

describe('a watched connector', () => {
  let connect: ConnectStandIn
  let nowMs = 0
  let url = ''
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const watching = (isStoreNew = false) =>
    new ConnectorWatch(new ConnectClient({ url }), clock, {
      name: 'app_q',
      query: 'q',
      prepare: async () => ({ config: CONFIG, isStoreNew }),
    })

  beforeEach(async () => {
    connect = new ConnectStandIn()
    url = await connect.open()
    nowMs = 1_000_000
  })
  afterEach(() => connect.close())

  it('is failed while one of its tasks is, though it says that it runs; the task is started again with growing pauses', async () => {
    connect.tasks = [
      { id: 0, state: 'RUNNING' },
      { id: 1, state: 'FAILED', trace: TRACE },
    ]
    const watch = watching()
    const facts = await watch.look()
    assert.equal(facts.state, 'failed')
    assert.deepEqual(
      facts.failedTasks.map(({ task, reason }) => [task, reason]),
      [[1, 'unconfigured table q']],
    )
    const pauses: number[] = []
    for (let attempts = 1; attempts <= 9; attempts++) {
      const { nextAttemptMs } = watch.facts.failedTasks[0]!
      pauses.push((nextAttemptMs - nowMs) / 1000)
      nowMs = nextAttemptMs - 1
      assert.equal((await watch.look()).restarts, attempts, 'not yet')
      nowMs = nextAttemptMs
      assert.equal((await watch.look()).restarts, attempts + 1)
    }
    assert.deepEqual(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300])
    assert.ok(connect.asked.every((asked) => asked === 'POST /connectors/app_q/tasks/1/restart'))
  })

  it('begins with a short pause again when its task has run for a minute', async () => {
    const watch = watching()
    const fails = () => (connect.tasks = [{ id: 0, state: 'FAILED', trace: TRACE }])
    const runs = () => (connect.tasks = [{ id: 0, state: 'RUNNING' }])
    fails()
    await watch.look()
    assert.equal(watch.facts.failedTasks[0]!.attempts, 1)
    runs()
    assert.equal((await watch.look()).state, 'running')
    nowMs += 10_000
    fails()
    assert.equal((await watch.look()).failedTasks[0]!.attempts, 2, 'it has not recovered')
    runs()
    await watch.look()
    nowMs += 60_000
    await watch.look()
    fails()
    assert.equal((await watch.look()).failedTasks[0]!.attempts, 1)
  })

  it('is put back when it is gone', async () => {
    connect.config = null
    const facts = await watching().look()
    assert.deepEqual([facts.putBack, facts.lastPutBackMs, facts.error], [1, nowMs, null])
    assert.deepEqual(connect.config, CONFIG)
  })

  it('is left alone while it is paused', async () => {
    connect.connector = 'PAUSED'
    connect.tasks = [{ id: 0, state: 'FAILED' }]
    await watching().look()
    connect.tasks = [{ id: 0, state: 'PAUSED' }]
    assert.equal((await watching().look()).state, 'paused')
    assert.deepEqual(connect.asked, [])
  })

  it('reads its topic from the beginning when its store had to be made anew', async () => {
    connect.tasks = [{ id: 0, state: 'FAILED', trace: TRACE }]
    await watching(true).look()
    assert.deepEqual(connect.asked, [
      'PUT /connectors/app_q/config',
      'PUT /connectors/app_q/stop',
      'DELETE /connectors/app_q/offsets',
      'PUT /connectors/app_q/resume',
    ])
  })

  it('is not taken from somebody else', async () => {
    connect.config = { ...CONFIG, topics: 'theirs' }
    await assert.rejects(watching().deploy(), { code: 'MSB_SINK_OWNED', message: /reads 'theirs'/ })
    assert.deepEqual(connect.config, { ...CONFIG, topics: 'theirs' })
  })

  it('tells since when Connect has not answered', async () => {
    const watch = watching()
    await watch.look()
    await connect.close()
    await watch.look()
    nowMs += 5000
    const { unreachableSinceMs, error } = await watch.look()
    assert.deepEqual([unreachableSinceMs, error?.code], [nowMs - 5000, 'MSB_SINK_UNREACHABLE'])
    await connect.open()
  })
})
