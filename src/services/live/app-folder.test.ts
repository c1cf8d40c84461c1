import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { greenhouse, greenhouseQueries } from '../../../test/support/greenhouse.ts'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import { AppFolder, NOTHING_PENDING } from './app-folder.ts'

const app = greenhouse({ warmth: greenhouseQueries.warmth() })

/** A folder that holds the app, and the path of its file. */
function deployedIn(data: string): { readonly folder: AppFolder; readonly file: string } {
  const folder = AppFolder.of(data, 'greenhouse')
  folder.write({ app, wanted: 'running', pending: NOTHING_PENDING })
  return { folder, file: join(folder.path, 'app.json') }
}

describe('the folder of an app', () => {
  it('gives back what was written', () =>
    withScratchFolder(async (data) => {
      const { folder } = deployedIn(data)
      const deployment = { wanted: 'stopped', pending: { rebuild: ['warmth'], keep: ['other'] } } as const
      folder.write({ app, ...deployment })
      const { app: read, ...rest } = folder.read()
      assert.deepEqual(rest, deployment)
      assert.deepEqual(read.plan, app.plan)
    }))

  it('says what is wrong with a file that does not say what is deployed', () =>
    withScratchFolder(async (data) => {
      const { folder, file } = deployedIn(data)
      const sound = readFileSync(file, 'utf8')
      const saved = (change: (document: ReturnType<typeof JSON.parse>) => void): string => {
        const document = JSON.parse(sound)
        change(document)
        return JSON.stringify(document)
      }
      const damages: readonly [string, string, RegExp][] = [
        ['', 'MSB_STATE_DAMAGED', /app\.json' does not say what is deployed here: Unexpected end/],
        [sound.slice(0, 700), 'MSB_STATE_DAMAGED', /does not say what is deployed here/],
        ['null', 'MSB_STATE_DAMAGED', /does not say what is deployed here/],
        ['{}', 'MSB_PLAN_MALFORMED', /app must be an object/],
        [saved((document) => delete document.pending), 'MSB_STATE_DAMAGED', /does not say what is deployed here/],
        [saved((document) => (document.pending.keep = 1)), 'MSB_STATE_DAMAGED', /does not say what is deployed here/],
        [saved((document) => (document.app.plan.formatVersion = 2)), 'MSB_PLAN_MALFORMED', /must be 1, the version/],
        [saved((document) => (document.app.plan.name = 'other')), 'MSB_STATE_DAMAGED', /here: it says 'other'/],
      ]
      for (const [text, code, message] of damages) {
        writeFileSync(file, text)
        assert.throws(() => folder.read(), { code, message })
      }
      rmSync(file)
      assert.throws(() => folder.read(), { code: 'MSB_STORAGE_FAILED', message: /cannot be read: ENOENT/ })
    }))

  it('is one only where something was deployed', () =>
    withScratchFolder(async (data) => {
      assert.deepEqual(AppFolder.all(data), [])
      deployedIn(data)
      for (const name of ['empty', 'halfway', '.hidden', 'lost+found']) mkdirSync(join(data, 'apps', name))
      writeFileSync(join(data, 'apps', 'halfway', 'app.json.new'), '{')
      writeFileSync(join(data, 'apps', 'a_file'), '')
      mkdirSync(join(data, 'apps', 'without_app', 'log'), { recursive: true })
      assert.deepEqual(
        AppFolder.all(data).map(({ name }) => name),
        ['a_file', 'greenhouse', 'without_app'],
      )
    }))
})
