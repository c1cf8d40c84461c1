import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readWrongCases } from './wrong-cases.ts'

/** What the compiler says, by `file:line`; the lines that explain a diagnostic belong to it. */
function diagnosticsOfCases(): ReadonlyMap<string, string> {
  const repository = fileURLToPath(new URL('../../', import.meta.url))
  const args = ['-p', 'test/types/cases', '--pretty', 'false']
  const { stdout, stderr, error } = spawnSync('node_modules/.bin/tsc', args, { cwd: repository, encoding: 'utf8' })
  assert.equal(error, undefined)
  assert.equal(stderr, '')
  const diagnostics = new Map<string, string>()
  let place = ''
  for (const line of stdout.split('\n')) {
    const [, path, lineNumber] = /^(\S+)\((\d+),\d+\): error /.exec(line) ?? []
    if (path !== undefined) place = `${path.replace('test/types/cases/', '')}:${lineNumber}`
    diagnostics.set(place, `${diagnostics.get(place) ?? ''}${line}\n`)
  }
  return diagnostics
}

describe('the type checker', () => {
  const diagnostics = diagnosticsOfCases()
  const cases = readWrongCases()

  for (const { name, marks } of cases) {
    it(`refuses ${name.replaceAll('-', ' ')} with a sentence`, () => {
      for (const { line, words } of marks) {
        const found = diagnostics.get(`${name}.ts:${line}`) ?? 'it compiles'
        assert.ok(found.includes(words), `line ${line} should fail with: ${words}\nbut: ${found}`)
      }
    })
  }

  it('accepts everything else: the good program, the examples, and the lines without a mark', () => {
    const marked = new Set(cases.flatMap(({ name, marks }) => marks.map(({ line }) => `${name}.ts:${line}`)))
    assert.deepEqual(
      [...diagnostics].filter(([place]) => !marked.has(place) && place !== ''),
      [],
    )
  })
})
