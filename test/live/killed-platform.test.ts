import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import taxi from '../../examples/chicago-taxi/app.ts'
import { liveRows } from '../support/live-rows.ts'
import { PlatformProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'

const RECORDS = 12_000
const REQUEST_RECORDS = 150
const KILLS = 5
const APP = '/v1/apps/tenantstreamapp'

/** A producer that knows only what the platform answers: after a failure it asks where to go on. */
async function send(url: string, lines: readonly string[], stopAt: number): Promise<number> {
  const { epoch, nextSequence } = (await (
    await fetch(`${url}${APP}/streams/ingestData/producers/p`, { method: 'POST' })
  ).json()) as { epoch: number; nextSequence: number }
  let sequence = nextSequence
  while (sequence < Math.min(lines.length, stopAt)) {
    const body = `${lines.slice(sequence, sequence + REQUEST_RECORDS).join('\n')}\n`
    const response = await fetch(
      `${url}${APP}/streams/ingestData/records?producer=p&epoch=${epoch}&sequence=${sequence}`,
      {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-ndjson' },
      },
    )
    sequence = ((await response.json()) as { nextSequence: number }).nextSequence
  }
  return sequence
}

const rowsOf = (url: string, query: string): Promise<readonly string[]> => liveRows(url, 'tenantstreamapp', query)

it(`${KILLS} times SIGKILL while a producer sends: each record counts once`, async (test: TestContext) => {
  await withScratchFolder(async (folder) => {
    const random = new Seeded(11)
    const sample = taxi.streams.ingestData!.sample!
    const lines = [...sample.generate({ ...sample.defaults, records: RECORDS, faults: 0.002 })]
    const input = join(folder, 'trips.ndjson')
    writeFileSync(input, lines.join('\n'))
    const data = join(folder, 'data')
    for (let kill = 1; kill <= KILLS; kill++) {
      const platform = await PlatformProcess.start(data, ['examples/chicago-taxi'])
      const sending = send(platform.url, lines, Number.POSITIVE_INFINITY).catch(() => {})
      await delay(random.between(30, 150))
      await platform.kill('SIGKILL')
      await sending
    }
    const platform = await PlatformProcess.start(data, ['examples/chicago-taxi'])
    test.after(() => platform.kill())
    assert.equal(await send(platform.url, lines, lines.length), lines.length)
    // Every record is in the log; the job follows until its total is that of a bounded run.
    const out = join(folder, 'wanted.json')
    execFileSync(
      process.execPath,
      [
        'bin/mysimbdp.js',
        'run',
        'examples/chicago-taxi',
        '--input',
        `ingestData=${input}`,
        '--as-stream',
        '--format',
        'json',
        '--out',
        out,
      ],
      { stdio: 'ignore' },
    )
    const wanted = readFileSync(out, 'utf8').split('\n')
    const total = wanted.find((line) => line.includes('"trips_total"'))!.replace(/\].*$/, '')
    for (let attempt = 0; attempt < 200 && (await rowsOf(platform.url, 'tripsTotal'))[0] !== total; attempt++)
      await delay(25)
    assert.deepEqual(await rowsOf(platform.url, 'tripsTotal'), [total])
    const updates = wanted.filter((line) => line.includes('"total_fare"')).map((line) => line.replace(/(,|\].*)$/, ''))
    assert.deepEqual(await rowsOf(platform.url, 'sumFareWindow'), updates)
    await platform.kill('SIGTERM')
  })
})
