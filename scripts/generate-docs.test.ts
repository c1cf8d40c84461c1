import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { aggregates } from '#language/aggregates/registry.ts'
import { functionNames } from '#language/expressions/type-of.ts'
import { knownEngines } from '../src/wiring.ts'
import { generatedDocs, readDoc, withParts } from './generate-docs.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS_WITHOUT_PAGES = new Set(['node_modules', '.git', 'data', 'dist', 'tmp'])

/** Paths of all Markdown files, from the root of the repository. */
function pagesIn(folder: string): readonly string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return FOLDERS_WITHOUT_PAGES.has(entry.name) ? [] : pagesIn(join(folder, entry.name))
    return entry.name.endsWith('.md') ? [join(folder, entry.name)] : []
  })
}

/** Links of a page to files of this repository that are not there. */
function brokenLinks(page: string): readonly string[] {
  const targets = [...readDoc(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!)
  return targets
    .filter((target) => !existsSync(join(repository, dirname(page), target)))
    .map((target) => `${page}: ${target}`)
}

describe('reference pages', () => {
  for (const [path, text] of generatedDocs()) {
    it(`${path} is what the code says; if not, run scripts/generate-docs.ts`, () => assert.equal(readDoc(path), text))
  }

  it('the language page names every function, aggregate, window, mode and node', () => {
    const page = readDoc('docs/reference/language.md')
    const [engine] = knownEngines
    const names = [
      ...functionNames,
      ...Object.keys(aggregates),
      ...Object.keys(engine!.windows),
      ...Object.keys(engine!.modes),
    ]
    assert.deepEqual(
      names.filter((name) => !new RegExp(`\`\\.?${name}\\b`).test(page)),
      [],
    )
  })

  it('a part without its place in the page is an error', () => {
    assert.equal(
      withParts('a\n<!-- generated: x -->\nold\n<!-- end of x -->\n', { x: 'new\n' }),
      'a\n<!-- generated: x -->\n\nnew\n\n<!-- end of x -->\n',
    )
    assert.throws(() => withParts('a', { x: 'new' }), /no place/)
  })
})

it('links between pages lead to files that exist', () => assert.deepEqual(pagesIn('.').flatMap(brokenLinks), []))
