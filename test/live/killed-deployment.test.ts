import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { App } from '#language/query/app.ts'
import { appToJson } from '#services/apps/app-document.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { greenhouse, greenhouseQueries, greenhouseReadings, watermarkAfter } from '../support/greenhouse.ts'
import { boundedRows, until } from '../support/live-host.ts'
import { PlatformProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'

const KILLS = 4
const RECORDS = 15_000
const APP = '/v1/apps/greenhouse'
const { warmth, cold, mean } = greenhouseQueries

/** `changing` has another meaning in each; `steady` is the same, and must never be computed anew. */
const versions = [
  greenhouse({ steady: warmth(), changing: cold() }),
  greenhouse({ steady: warmth(), changing: mean() }),
]
const VERSION_OF_WINDOW: Readonly<Record<string, number>> = { 'tumbling 2 minutes': 0, 'tumbling 3 minutes': 1 }

interface AppDocument {
  readonly job: {
    readonly state: string
    readonly error: { readonly message: string } | null
    readonly rebuilding: readonly string[]
    readonly queries: readonly { readonly positions: readonly { readonly offset: number }[] }[]
  }
  readonly queries: readonly { readonly name: string; readonly window: string }[]
}

async function post(url: string, body: string): Promise<number> {
  const response = await fetch(url, { method: 'POST', body: Buffer.from(body) })
  await response.text()
  return response.status
}

/** Waits until the job has read all records; answers which version is deployed. */
async function settled(platform: PlatformProcess): Promise<number> {
  let document!: AppDocument
  await until(async () => {
    document = await platform.getJson<AppDocument>(APP)
    const { state, error, rebuilding, queries } = document.job
    assert.notEqual(state, 'failed', error?.message)
    const isWhole = queries.length === 2 && queries.every(({ positions }) => positions[0]!.offset === RECORDS)
    return state === 'running' && rebuilding.length === 0 && isWhole
  }, 'the job has read all records')
  return VERSION_OF_WINDOW[document.queries.find(({ name }) => name === 'changing')!.window]!
}

function rowsIn(data: string, query: string): readonly string[] {
  const reader = embeddedPlatform.openResults(join(data, 'apps', 'greenhouse'))
  const rows = [...reader.rows(query)].map(({ row }) => row).sort()
  reader.close()
  return rows
}

async function wantedRows(app: App, lines: readonly string[]): Promise<(query: string) => readonly string[]> {
  const rows = await boundedRows(app, { readings: lines })
  const watermarkMs = watermarkAfter(lines)
  return (query) =>
    rows(query)
      .filter(({ windowEnd }) => query !== 'steady' || windowEnd! <= watermarkMs)
      .map(({ row }) => row)
      .sort()
}

it(`${KILLS} times SIGKILL while another version is put in place or queries are rebuilt: it ends as one of them, whole`, async () => {
  await withScratchFolder(async (data) => {
    const random = new Seeded(23)
    const lines = greenhouseReadings(RECORDS, 13)
    const wanted = [await wantedRows(versions[0]!, lines), await wantedRows(versions[1]!, lines)]
    let platform = await PlatformProcess.start(data, [])
    assert.equal(await post(`${platform.url}/v1/apps`, appToJson(versions[0]!)), 200)
    assert.equal(await post(`${platform.url}${APP}/streams/readings/records`, lines.join('\n')), 200)
    let version = await settled(platform)
    for (let kill = 1; kill <= KILLS; kill++) {
      const next = kill % 3 === 0 ? version : 1 - version
      let done = false
      const command =
        next === version
          ? post(`${platform.url}${APP}/job/rebuild`, '')
          : post(`${platform.url}/v1/apps?changed=rebuild`, appToJson(versions[next]!))
      const answered = command.then(
        (status) => {
          assert.equal(status, 200)
          done = true
        },
        () => {},
      )
      await pause(random.between(0, 160))
      await platform.kill('SIGKILL')
      await answered
      platform = await PlatformProcess.start(data, [])
      const found = await settled(platform)
      assert.ok(found === next || (!done && found === version), 'what was answered is deployed')
      version = found
      for (const query of ['steady', 'changing']) assert.deepEqual(rowsIn(data, query), wanted[version]!(query))
    }
    await platform.kill('SIGTERM')
  })
})
