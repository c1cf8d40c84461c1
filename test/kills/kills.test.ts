import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { embeddedPlatform } from '../../src/wiring.ts'
import { LiveFollower } from '../support/live-follower.ts'
import { liveRows } from '../support/live-rows.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { closedBy, product, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'

/** The two real days, where they are at hand; else two generated ones of the same size. */
const repository = fileURLToPath(new URL('../../', import.meta.url))
const trips = join(process.env.MYSIMBDP_DATA ?? join(repository, '../shared/data'), 'trips')
const REAL_DAYS = ['2022-03-01', '2022-04-01'].map((date) => join(trips, `chicago_taxi_${date}_portal23.csv.gz`))

const EXAMPLE = 'examples/chicago-taxi'
const APP = 'tenantstreamapp'
const RATE = '500/s'
const KILLS = 24
const WATERMARK_MS = 10_000

/** What a follower of each query must never see, with the input in the order of event time. */
const stepBacks: Readonly<Record<string, ConstructorParameters<typeof LiveFollower>[0]['stepBack']>> = {
  sumFareWindow: growing('total_fare'),
  tripsTotal: growing('trips_total'),
  hotspotCommunityPickupWindow: final,
  hotspotWindow: final,
}

function growing(field: string) {
  return (before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string | undefined =>
    Number(after[field]) < Number(before[field]) ? `${field} went from ${before[field]} to ${after[field]}` : undefined
}

function final(before: object, after: object): string | undefined {
  const [said, says] = [JSON.stringify(before), JSON.stringify(after)]
  return said === says ? undefined : `a row that was final went from ${said} to ${says}`
}

function inputFiles(folder: string): readonly string[] {
  if (REAL_DAYS.every(existsSync)) return REAL_DAYS
  return ['2024-04-12', '2024-04-13'].map((date) => {
    const file = join(folder, `${date}.ndjson`)
    product(['generate', EXAMPLE, '--date', date, '--records', '17000', '--out', file])
    return file
  })
}

/** Rows that a live stream has at its end, too (semantics 2.8). */
const comparable = (query: string, rows: readonly string[], watermarkMs: number): readonly string[] =>
  stepBacks[query] === final ? closedBy(watermarkMs, rows) : rows

async function logOf(data: string) {
  const [reader] = await embeddedPlatform.openLogReaders(join(data, 'apps', APP))
  const bounds = await reader!.bounds(0)
  const rejected = (await reader!.deadLetterCounts(0)).reduce((sum, { count }) => sum + count, 0)
  await reader!.close()
  return { ...bounds, rejected }
}

it(`${KILLS} times kill -9 of platform and emulator at random: each record counts once, and followers miss nothing`, async (test: TestContext) => {
  await withScratchFolder(async (folder) => {
    const files = inputFiles(folder)
    const wanted = runAsStream(EXAMPLE, files, folder)
    const seed = Number(process.env.MYSIMBDP_SEED ?? Date.now() % 1_000_000)
    const random = new Seeded(seed)
    const data = join(folder, 'data')
    let platform = await PlatformProcess.start(data, [EXAMPLE])
    const { url, port } = platform
    const startEmulator = (): ProductProcess =>
      new ProductProcess([
        ...['emulate', EXAMPLE, '--url', url, '--rate', RATE, '--json'],
        ...files.flatMap((file) => ['--input', file]),
      ])
    let emulator = startEmulator()
    test.after(() => Promise.all([platform.kill(), emulator.kill()]))
    const followers = Object.entries(stepBacks).map(
      ([query, stepBack]) => new LiveFollower({ url, app: APP, query, stepBack }),
    )

    const killed = { platform: 0, emulator: 0 }
    // The input lasts 68 s at this rate: kills come while it is on its way.
    while (killed.platform + killed.emulator < KILLS && !emulator.hasEnded) {
      await delay(random.between(300, 3500))
      const victim = random.pick(['platform', 'emulator'] as const)
      killed[victim]++
      if (victim === 'emulator') {
        await emulator.kill()
        emulator = startEmulator()
      } else {
        await platform.kill()
        platform = await PlatformProcess.start(data, [EXAMPLE], { port })
      }
    }
    assert.equal(await emulator.ended(), 0, `seed ${seed}:\n${emulator.said}`)
    assert.ok(killed.platform + killed.emulator >= 20, `only ${JSON.stringify(killed)} kills; seed ${seed}`)

    const log = await logOf(data)
    assert.deepEqual([log.end, log.rejected], [wanted.read, wanted.rejected], `seed ${seed}`)
    const watermarkMs = log.maxEventTime - WATERMARK_MS
    for (const [query, rows] of wanted.queries) {
      const expected = comparable(query, rows, watermarkMs)
      let found: readonly string[] = []
      for (let attempt = 0; attempt < 200; attempt++) {
        found = await liveRows(url, APP, query)
        if (found.length === expected.length && found.at(-1) === expected.at(-1)) break
        await delay(50)
      }
      assert.ok(expected.length > 0)
      assert.deepEqual(found, expected, `${query}, seed ${seed}`)
    }
    await delay(500)
    for (const [i, [query]] of Object.entries(stepBacks).entries()) {
      const follower = followers[i]!
      await follower.close()
      assert.deepEqual(follower.violations, [], `seed ${seed}`)
      const expected = comparable(query, wanted.queries.get(query)!, watermarkMs).map(
        (row) => JSON.parse(row) as unknown,
      )
      assert.equal(follower.table.size, expected.length, `${query}: rows of the follower, seed ${seed}`)
      assert.deepEqual(
        new Set([...follower.table.values()].map((row) => JSON.stringify(row))),
        new Set(expected.map((row) => JSON.stringify(row))),
      )
    }
    test.diagnostic(
      `seed ${seed}: ${killed.platform} kills of the platform, ${killed.emulator} of the emulator; ${log.end} records, ${log.rejected} rejected; ` +
        `followers: ${followers.map(({ connections, snapshots }) => `${connections} connections, ${snapshots} snapshots`).join('; ')}`,
    )
  })
})
