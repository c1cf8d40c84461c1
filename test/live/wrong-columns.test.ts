import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { liveRows } from '../support/live-rows.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { closedBy, product, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

/** The reference system's second fault, through the commands that a person would type: found in seconds, repaired without loss. */

const EXAMPLE = 'examples/chicago-taxi'
const APP = 'tenantstreamapp'
const TRIPS = 6000
const [FROM, TO] = [2000, 3500]
const WATERMARK_MS = 10_000
const FINAL_QUERIES = ['hotspotCommunityPickupWindow', 'hotspotWindow']

interface Health {
  readonly status: string
  readonly apps: readonly { readonly sentences: readonly string[] }[]
}

it('columns mapped wrongly are named by health within seconds, and a replay in place gives the results of a clean run', async (test: TestContext) => {
  await withScratchFolder(async (folder) => {
    const data = join(folder, 'data')
    const input = join(folder, 'trips.ndjson')
    product(['generate', EXAMPLE, '--records', String(TRIPS), '--faults', '0', '--out', input])
    const platform = await PlatformProcess.start(data, [EXAMPLE])
    test.after(() => platform.kill())

    const emulator = new ProductProcess([
      ...['emulate', EXAMPLE, '--input', input, '--rate', 'max', '--url', platform.url],
      ...['--fault', 'wrong-columns', '--fault-from', String(FROM), '--fault-to', String(TO)],
    ])
    const startedMs = performance.now()
    let health: Health
    do {
      await delay(100)
      health = await platform.getJson<Health>('/health')
    } while (health.status === 'ok' && performance.now() - startedMs < 20_000)
    const seconds = (performance.now() - startedMs) / 1000
    assert.equal(health.status, 'degraded')
    assert.ok(seconds < 10, `degraded after ${seconds.toFixed(1)} s`)
    const sentence = health.apps[0]!.sentences.find((each) => /rejected/.test(each))!
    assert.match(
      sentence,
      /% of [\d,]+ records of ingestData .*rejected: field 'trip_id' is missing; the records have '(\w*)trip_id'/,
    )
    const prefix = /have '(\w*)trip_id'/.exec(sentence)![1]!
    assert.equal(await emulator.ended(), 0, emulator.said)

    const replay = [
      'dead-letters',
      'replay',
      '--app',
      APP,
      '--rename',
      `${prefix}*=*`,
      '--rebuild',
      '--url',
      platform.url,
    ]
    assert.match(product([...replay, '--dry-run']), /1,500/)
    product(replay)
    const clean = runAsStream(EXAMPLE, [input], folder).queries
    const watermarkMs = lastEventTimeMs(input) - WATERMARK_MS
    for (const [query, rows] of clean) {
      const wanted = FINAL_QUERIES.includes(query) ? closedBy(watermarkMs, rows) : rows
      let found: readonly string[] = []
      for (let attempt = 0; attempt < 200; attempt++) {
        found = await liveRows(platform.url, APP, query)
        if (found.length === wanted.length && found.at(-1) === wanted.at(-1)) break
        await delay(50)
      }
      assert.deepEqual(found, wanted, query)
    }
    test.diagnostic(`degraded after ${seconds.toFixed(1)} s: ${sentence}`)
  })
})

function lastEventTimeMs(input: string): number {
  const times = [...readFileSync(input, 'utf8').matchAll(/"event_timestamp":(\d+)/g)].map(([, time]) => Number(time))
  return Math.max(...times)
}
