import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { goldenFiles } from './golden-files.ts'

describe('golden files', async () => {
  const files = await goldenFiles()

  for (const { name, text } of files) {
    it(`${name} is what the product says`, () => {
      const path = new URL(name, import.meta.url)
      assert.ok(existsSync(path), 'there is no such file; if it should be, run `npm run golden:update`')
      assert.equal(
        text(),
        readFileSync(path, 'utf8'),
        'if this is meant, run `npm run golden:update` and read the difference',
      )
    })
  }

  it('belong to a scenario or an example', () => {
    const found = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.ts') && name !== 'README.md')
    assert.deepEqual(found.sort(), files.map(({ name }) => name).sort())
  })
})
