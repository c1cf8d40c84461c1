import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { systemClock } from '#foundation/time/clock.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { embeddedPlatform } from '../../src/wiring.ts'

const APP_PATH = 'test/live/quiet-streams'
const entry = new URL('../../src/worker.ts', import.meta.url)

it('the last window of a stream that falls silent closes by itself when the stream asks for it, and only then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-quiet-'))
  const app = await loadApp(APP_PATH)
  const platform = await LivePlatform.open(folder, { platform: embeddedPlatform, clock: systemClock, entry })
  await platform.deploy(app, { changed: 'ask', dropRemoved: false })
  const live = platform.apps.get(app.plan.name)!
  try {
    const sent = Date.now()
    for (const stream of ['waiting', 'closing']) {
      const line = Buffer.from(`{"id":"last","at":${sent}}\n`)
      const pieces = async function* () {
        yield line
      }
      await live.append({ stream, format: 'json', producer: null }, pieces())
    }
    const results = live.openResults()
    for (let attempt = 0; results.rowCount('closed') === 0 && attempt < 500; attempt++)
      await new Promise((done) => setTimeout(done, 20))
    const windowEnd = Math.floor(sent / 1000) * 1000 + 1000
    assert.equal(results.rowCount('closed'), 1)
    assert.ok(Date.now() >= windowEnd + 1000, 'the watermark does not pass now - delay')
    assert.equal(results.rowCount('open'), 0)
    results.close()
  } finally {
    await platform.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
