import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { greenhouse, greenhouseQueries, greenhouseReadings } from '../support/greenhouse.ts'
import { ASK, boundedRows, LiveHost, REBUILD } from '../support/live-host.ts'

const { warmth, cold, mean } = greenhouseQueries

describe('an app whose folder is damaged', () => {
  const broken = greenhouse({ warmth: warmth('update') })
  const other = greenhouse({ cold: cold() }, { name: 'orchard' })
  const lines: string[] = []
  let host: LiveHost
  let appFile: string
  let sound: string
  before(async () => {
    host = await LiveHost.open([broken, other])
    appFile = host.pathOf('greenhouse', 'app.json')
    await feedBoth()
    sound = readFileSync(appFile, 'utf8')
  })
  after(() => host.close())

  async function feedBoth(): Promise<void> {
    const readings = greenhouseReadings(lines.length + 100, 9).slice(lines.length)
    lines.push(...readings)
    for (const app of ['greenhouse', 'orchard']) await host.feed(app, 'readings', readings)
    for (const [app, query] of [[broken, 'warmth'] as const, [other, 'cold'] as const])
      assert.deepEqual(
        host.rows(app.plan.name, query),
        (await boundedRows(app, { readings: lines }))(query)
          .map(({ row }) => row)
          .sort(),
      )
  }

  const named = (name: string) => greenhouse({ warmth: warmth() }, { name })

  it('is told of in a sentence, the others run, and deploying it again mends it', async () => {
    await host.reopen(() => {
      writeFileSync(appFile, sound.slice(0, 700))
      writeFileSync(host.pathOf('in_the_way'), '')
      // A crash cut its first deployment off: nobody was told that it is there.
      mkdirSync(host.pathOf('halfway'))
      writeFileSync(host.pathOf('halfway', 'app.json.new'), sound.slice(0, 50))
      writeFileSync(host.pathOf('.hidden'), '')
    })
    assert.deepEqual([...host.platform.apps.keys()], ['orchard'])
    assert.deepEqual(
      host.platform.broken.map(({ name, error }) => [name, error.code]),
      [
        ['greenhouse', 'MSB_STATE_DAMAGED'],
        ['in_the_way', 'MSB_STORAGE_FAILED'],
      ],
    )
    const { status, answer } = await host.send('greenhouse', 'readings', lines.slice(0, 1))
    assert.deepEqual([status, answer.error!.code], [503, 'MSB_STATE_DAMAGED'])
    assert.match(answer.error!.message, /does not say what is deployed here/)
    await host.platform.deploy(broken, ASK)
    assert.equal((await host.platform.deploy(named('halfway'), ASK)).isNew, true)
    // No deployment takes a file away that somebody put there.
    await assert.rejects(host.platform.deploy(named('in_the_way'), ASK), {
      code: 'MSB_STORAGE_FAILED',
      message: /cannot be written/,
    })
    rmSync(host.pathOf('in_the_way'))
    await host.platform.deploy(named('in_the_way'), ASK)
    assert.deepEqual(host.platform.broken, [])
    await feedBoth()
  })

  it('goes on anew from its log where another version takes the place of what nobody can read, if its results may go', async () => {
    const changed = greenhouse({ warmth: mean('update') })
    await host.reopen(() => rmSync(appFile))
    await host.platform.deploy(changed, REBUILD)
    await host.caughtUp('greenhouse')
    const wanted = await boundedRows(changed, { readings: lines })
    assert.deepEqual(
      host.rows('greenhouse', 'warmth'),
      wanted('warmth')
        .map(({ row }) => row)
        .sort(),
    )
    await host.platform.deploy(broken, REBUILD)
    await feedBoth()
  })
})
