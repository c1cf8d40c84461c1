import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { app, count, first, long, max, schema, session, stream, string, sum, timestamp, tumbling } from 'mysimbdp'
import { MemoryChangelog } from '#dataplane/engines/embedded/state/memory-changelog.fixture.ts'
import { ReplicatedJobStore } from '#dataplane/engines/embedded/state/replicated-job-store.ts'
import { evaluate } from '../oracle/oracle.ts'
import { runThroughCrashes } from '../support/crashing-run.ts'
import { type DriverOptions, EmbeddedDriver, type History } from '../support/embedded-driver.ts'
import type { ScenarioRecord, ScenarioStep } from '../support/scenario.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'

/** Longer histories than those of scenarios, so that sessions and keys fill pages, live through many commits and go. About eight seconds for each seed. */
const SEEDS = [1, 2]
const RECORDS = 800
const PARTS = 4
const GAP_MS = 4000

const visits = stream('visits', {
  schema: schema('visit', { visit: string(), who: string().nullable(), at: timestamp(), n: long() }),
  eventTime: 'at',
  watermark: '10 seconds',
})
const { plan } = app(
  'visits',
  { timeZone: 'Europe/Berlin' },
  {
    stays: visits
      .deduplicate('visit')
      .window(session('4 seconds'))
      .groupBy('who')
      .aggregate({ visits: count(), total: sum('n'), began: first('visit') })
      .output('append'),
    all: visits
      .window(session('4 seconds'))
      .groupBy('who')
      .aggregate({ visits: count(), most: max('n') })
      .output('append'),
    firsts: visits
      .deduplicate('visit', 'who')
      .select((row) => ({ visit: row.visit, n: row.n }))
      .output('append'),
    perMinute: visits.deduplicate('visit').window(tumbling('1 minute')).aggregate({ visits: count() }).output('update'),
  },
)

/** Visits of many who come and go; every tenth is sent again, some so late that nobody can tell. */
function steps(random: Seeded): readonly ScenarioStep[] {
  const sent: string[] = []
  let now = Date.parse('2024-10-27T00:55:00Z')
  const record = (i: number): ScenarioRecord => {
    now += random.between(0, 400)
    const visit = {
      visit: `v${i}`,
      who: random.pick([null, 'ü', `w${i >> 5}`, `w${i % 40}`]),
      at: now - late(random),
      n: i,
    }
    const value = random.chance(0.1) && i > 0 ? random.pick(sent.slice(-60)) : JSON.stringify(visit)
    sent.push(value)
    return { partition: 0, arrival: Date.UTC(2100, 0, 1), value, bytes: new TextEncoder().encode(value) }
  }
  const records = Array.from({ length: RECORDS }, (_, i) => record(i))
  return Array.from({ length: RECORDS / 20 }, (_, i) => ({ records: records.slice(20 * i, 20 * i + 20) }))
}

const late = (random: Seeded): number =>
  random.chance(0.8) ? 0 : random.between(0, random.pick([500, GAP_MS, 10_000, 20_000]))

describe('sessions and keys of deduplication are in one transaction with all else', () => {
  for (const seed of SEEDS)
    it(`seed ${seed}: a run through many crashes gives what the rules say`, async () => {
      const random = new Seeded(seed)
      const history: History = { plan, end: 'open', inputs: { visits: steps(random) } }
      const options: DriverOptions = { cut: (left) => random.between(1, left), stepAfter: () => random.chance(0.7) }
      const wanted = evaluate(plan, history.inputs, { end: 'open' }).queries
      const { results, crashes } = await withScratchFolder((folder) =>
        runThroughCrashes(history, folder, () => random.chance(0.03), options),
      )
      assert.ok(crashes.length > 5, `${crashes.length} crashes`)
      assert.deepEqual(results.queries, wanted)
      for (const { rows } of Object.values(wanted)) assert.ok(rows.length > 0)
      for (const name of ['stays', 'all', 'firsts']) assert.ok(wanted[name]!.late > 0, name)
    })

  it('a job that loses its file again and again goes on from its changelog', async () => {
    const random = new Seeded(SEEDS[0]!)
    const whole = steps(random)
    const changelog = new MemoryChangelog()
    const openStore = (path: string) => ReplicatedJobStore.open(path, changelog.opened())
    await withScratchFolder(async (folder) => {
      for (let part = 1; part <= PARTS; part++) {
        rmSync(join(folder, 'job.db'), { force: true })
        const read = whole.slice(0, Math.ceil((whole.length * part) / PARTS))
        const driver = EmbeddedDriver.open({ plan, end: 'open', inputs: { visits: read } }, folder, { openStore })
        try {
          await driver.run()
          assert.deepEqual((await driver.results()).queries, evaluate(plan, { visits: read }, { end: 'open' }).queries)
        } finally {
          await driver.close()
        }
      }
    })
  })
})
