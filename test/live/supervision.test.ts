import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { App } from '#language/query/app.ts'
import { greenhouse, greenhouseQueries, greenhouseReadings } from '../support/greenhouse.ts'
import { ASK, boundedRows, LiveHost, until } from '../support/live-host.ts'
import { Seeded } from '../support/seeded.ts'

const { warmth, cold } = greenhouseQueries

async function assertWhole(host: LiveHost, app: App, lines: readonly string[]): Promise<void> {
  await host.caughtUp(app.plan.name)
  const wanted = await boundedRows(app, { readings: lines })
  for (const { name, output } of app.plan.queries)
    if (output.mode !== 'append')
      assert.deepEqual(
        host.rows(app.plan.name, name),
        wanted(name)
          .map(({ row }) => row)
          .sort(),
      )
}

describe('a job that is stopped, started and rebuilt', () => {
  let host: LiveHost
  const app = greenhouse({ warmth: warmth(), cold: cold() })
  const lines: string[] = []
  before(async () => {
    host = await LiveHost.open([app])
  })
  after(() => host.close())

  it('ends as the last command said, however quickly they come, and each record counts once', async () => {
    const live = host.live('greenhouse')
    const random = new Seeded(5)
    const readings = greenhouseReadings(4_000, 3)
    const commands: Promise<unknown>[] = []
    while (lines.length < readings.length) {
      const some = readings.slice(lines.length, lines.length + random.between(200, 900))
      lines.push(...some)
      commands.push(
        random.pick([
          () => live.startJob(),
          () => live.stopJob(),
          () => live.rebuildJob(['cold']),
          () => live.rebuildJob(['warmth', 'cold']),
          () => host.platform.deploy(app, ASK),
        ])(),
      )
      const sent = host.send('greenhouse', 'readings', some)
      if (random.chance(0.5)) await Promise.all(commands.splice(0))
      assert.equal((await sent).status, 200)
    }
    await Promise.all([...commands, live.stopJob()])
    assert.equal(live.job.state, 'stopped')
    await Promise.all([live.startJob(), live.stopJob(), live.startJob()])
    assert.equal(live.job.state, 'running')
    await host.caughtUp('greenhouse')
    const wanted = await boundedRows(app, { readings: lines })
    assert.deepEqual(
      host.rows('greenhouse', 'cold'),
      wanted('cold')
        .map(({ row }) => row)
        .sort(),
    )
    const late = live.job.status.queries.map(({ lateRecords }) => lateRecords)
    const reader = live.openResults()
    assert.deepEqual(late, [[...reader.late('warmth')].length, [...reader.late('cold')].length])
    reader.close()
  })
})

describe('one tenant with damaged files beside another', () => {
  const app = greenhouse({ warmth: warmth('update'), cold: cold() })
  const neighbour = greenhouse({ warmth: warmth('update') }, { name: 'orchard' })
  const lines: string[] = []
  let host: LiveHost
  let aside: string
  before(async () => {
    host = await LiveHost.open([app, neighbour])
    aside = join(host.folder, 'aside')
    await sendBoth()
    await bothAreWhole()
  })
  after(() => host.close())

  const live = () => host.live('greenhouse')

  async function sendBoth(): Promise<void> {
    const readings = greenhouseReadings(lines.length + 150, 21).slice(lines.length)
    lines.push(...readings)
    for (const name of ['greenhouse', 'orchard'])
      assert.equal((await host.send(name, 'readings', readings)).status, 200)
  }

  async function bothAreWhole(): Promise<void> {
    for (const each of [app, neighbour]) await assertWhole(host, each, lines)
  }

  /** Takes the file away and puts something in its place; answers how to undo that. */
  function spoilt(path: string, spoil: () => void): () => void {
    renameSync(path, aside)
    spoil()
    return () => {
      rmSync(path, { recursive: true })
      renameSync(aside, path)
    }
  }

  const segment = (): string => {
    const folder = host.pathOf('greenhouse', 'log', 'greenhouse_readings', 'partition-0')
    return join(folder, readdirSync(folder).find((name) => /^segment-.*\.db$/.test(name))!)
  }

  it('ends a job whose state is damaged at once, over restarts too, until its file is back; ingest goes on', async () => {
    let mend = (): void => {}
    const stateFile = host.pathOf('greenhouse', 'job.db')
    await host.reopen(() => {
      mend = spoilt(stateFile, () => writeFileSync(stateFile, 'this is no database'.repeat(500)))
    })
    const failed = (): readonly unknown[] => [
      live().job.state,
      live().job.error?.code,
      live().job.restarts,
      live().ingest.state,
    ]
    assert.deepEqual(failed(), ['failed', 'MSB_STATE_DAMAGED', 0, 'running'])
    await sendBoth()
    await live().startJob()
    assert.deepEqual(failed(), ['failed', 'MSB_STATE_DAMAGED', 0, 'running'])
    await assertWhole(host, neighbour, lines)
    await host.reopen(mend)
    await bothAreWhole()
  })

  it('starts a job again by itself when its state can be opened again', async () => {
    const stateFile = host.pathOf('greenhouse', 'job.db')
    await live().stopJob()
    const mend = spoilt(stateFile, () => mkdirSync(stateFile))
    await live().startJob()
    assert.deepEqual([live().job.state, live().job.error?.code], ['recovering', 'MSB_STORAGE_FAILED'])
    await sendBoth()
    await assertWhole(host, neighbour, lines)
    mend()
    await until(() => live().job.state === 'running', 'the job runs again')
    assert.ok(live().job.restarts > 0)
    await bothAreWhole()
  })

  it('lets the job wait for an ingest whose log is damaged, and starts both when the log is back', async () => {
    let mend = (): void => {}
    const path = segment()
    await host.reopen(() => {
      mend = spoilt(path, () => writeFileSync(path, 'this is no segment'.repeat(500)))
    })
    assert.deepEqual([live().ingest.state, live().ingest.error?.code], ['failed', 'MSB_LOG_DAMAGED'])
    assert.equal(live().job.state, 'stopped')
    const refused = await host.send('greenhouse', 'readings', lines.slice(0, 1))
    assert.deepEqual([refused.status, refused.answer.error!.code], [503, 'MSB_NOT_RUNNING'])
    assert.ok(refused.headers.has('retry-after'))
    await assertWhole(host, neighbour, lines)
    mend()
    await live().startJob()
    await bothAreWhole()
  })

  it('keeps a job stopped over restarts, whatever happens to ingest, and takes records all the while', async () => {
    await live().stopJob()
    await host.reopen()
    await sendBoth()
    assert.deepEqual([live().job.state, live().ingest.state], ['stopped', 'running'])
    await host.platform.deploy(app, ASK)
    assert.equal(live().job.state, 'stopped')
    await live().startJob()
    await bothAreWhole()
  })

  it('runs on as before when another version cannot be written, and keeps what is pending until that can be', async () => {
    const [file, blocked] = [host.pathOf('greenhouse', 'app.json'), host.pathOf('greenhouse', 'app.json.new')]
    mkdirSync(blocked)
    const changed = greenhouse({ warmth: warmth('update') })
    await assert.rejects(host.platform.deploy(changed, { changed: 'ask', dropRemoved: true }), {
      code: 'MSB_STORAGE_FAILED',
      message: /cannot be written/,
    })
    await assert.rejects(live().rebuildJob(['warmth']), { code: 'MSB_STORAGE_FAILED' })
    await assert.rejects(live().stopJob(), { code: 'MSB_STORAGE_FAILED' })
    await sendBoth()
    await bothAreWhole()
    await host.reopen(() => {
      writeFileSync(file, readFileSync(file, 'utf8').replace('"rebuild":[]', '"rebuild":["warmth"]'))
    })
    await bothAreWhole()
    assert.deepEqual(live().deployment.pending.rebuild, ['warmth'])
    rmSync(blocked, { recursive: true })
    await sendBoth()
    await bothAreWhole()
    assert.deepEqual(live().deployment.pending.rebuild, [])
    assert.match(readFileSync(file, 'utf8'), /"rebuild":\[\]/)
  })
})
