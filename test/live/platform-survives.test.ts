import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { PlatformProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

/** All tenants are in one process: what goes wrong with one of them must not end it. */

const APPS = ['examples/chicago-taxi', 'examples/earthquakes']
const STREAM = '/v1/apps/tenantstreamapp/streams/ingestData'
const DAY_MS = 86_400_000

interface Health {
  readonly apps: readonly { readonly app: string; readonly status: string }[]
}

describe('a platform', () => {
  it('goes on, and says so, when another producer takes the place of its replay', () =>
    withScratchFolder(async (data) => {
      const platform = await PlatformProcess.start(data, APPS, { args: ['--replay'] })
      const asked = [0, 1, 2].map((days) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10))
      for (let taken = 0; taken === 0; )
        for (const date of asked) {
          const path = `${platform.url}${STREAM}/producers/sample:${date}`
          if ((await fetch(path)).status !== 200) continue
          assert.equal((await fetch(path, { method: 'POST' })).status, 200)
          taken++
        }
      await platform.says(/The replay has ended\.\n.*producer 'sample:[\d-]+' of epoch 1 may not append/)
      assert.equal((await platform.getJson<Health>('/health')).apps.length, APPS.length)
      await platform.kill('SIGTERM')
      assert.equal(await platform.ended(), 0)
    }))

  it('goes on where a file lies among the logs of an app, and where the logs of another are no folder', () =>
    withScratchFolder(async (data) => {
      await (await PlatformProcess.start(data, APPS)).kill('SIGTERM')
      const logs = (app: string): string => join(data, 'apps', app, 'log')
      writeFileSync(join(logs('tenantstreamapp'), '.DS_Store'), '')
      rmSync(logs('earthquakes'), { recursive: true })
      writeFileSync(logs('earthquakes'), '')
      const platform = await PlatformProcess.start(data, [])
      try {
        const { apps } = await platform.getJson<Health>('/health')
        assert.deepEqual(
          apps.map(({ app, status }) => [app, status]),
          [
            ['earthquakes', 'degraded'],
            ['tenantstreamapp', 'ok'],
          ],
        )
        const { counts } = await platform.getJson<{ counts: readonly object[] }>(`${STREAM}/dead-letters`)
        assert.deepEqual(counts, [])
      } finally {
        await platform.kill('SIGTERM')
      }
    }))
})
