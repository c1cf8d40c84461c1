import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blankComments, blankCommentsAndTexts } from './blank-text.ts'
import * as imports from './import-rules.ts'
import { importsOf } from './imports.ts'
import { type SourceFile, sourceFile, type Violation } from './source-file.ts'
import * as texts from './text-rules.ts'

type Files = Readonly<Record<string, string>>

const filesOf = (files: Files): readonly SourceFile[] =>
  Object.entries(files).map(([path, text]) => sourceFile(path, text))
const importing = (...specifiers: string[]): string =>
  specifiers.map((specifier) => `import { x } from '${specifier}'\n`).join('')

interface Trial {
  readonly rule: (files: readonly SourceFile[]) => readonly Violation[]
  readonly bad: Files
  readonly good: Files
}

/** Code inside a template, as it stands in a file. */
const inTemplate = (code: string): string => ['`$', `{${code}}\``].join('')

const UNFINISHED_WORD = ['TO', 'DO'].join('')
const HOME_OF_SOMEBODY = ['', 'home', 'somebody', 'x'].join('/')

const trials: Readonly<Record<string, Trial>> = {
  layers: {
    rule: imports.layersOnlyPointDown,
    bad: { 'src/language/a.ts': importing('#services/runs/b.ts') },
    good: { 'src/services/runs/a.ts': importing('#language/b.ts') },
  },
  'imports of the root': {
    rule: imports.layersOnlyPointDown,
    bad: { 'src/services/a.ts': importing('mysimbdp') },
    good: { 'src/main.ts': importing('./wiring.ts') },
  },
  'import style inside a layer': {
    rule: imports.importsAreWrittenOneWay,
    bad: { 'src/language/a.ts': importing('#language/b.ts') },
    good: { 'src/language/a.ts': importing('./b.ts') },
  },
  'import style across layers': {
    rule: imports.importsAreWrittenOneWay,
    bad: { 'src/services/a.ts': importing('../language/b.ts') },
    good: { 'src/services/a.ts': importing('#language/b.ts') },
  },
  'plug-ins that import each other': {
    rule: imports.plugInsDoNotMeet,
    bad: { 'src/dataplane/engines/embedded/a.ts': importing('../duckdb/b.ts') },
    good: { 'src/dataplane/engines/embedded/a.ts': importing('./state/b.ts', '../engine.ts') },
  },
  'plug-ins named outside the wiring': {
    rule: imports.plugInsDoNotMeet,
    bad: { 'src/services/runs/a.ts': importing('#dataplane/brokers/local/b.ts') },
    good: { 'src/wiring.ts': importing('#dataplane/brokers/local/b.ts') },
  },
  'folders in a circle': {
    rule: imports.foldersHaveNoCycles,
    bad: { 'src/language/plan/a.ts': importing('../query/b.ts'), 'src/language/query/b.ts': importing('../plan/a.ts') },
    good: { 'src/language/plan/a.ts': importing('./c.ts'), 'src/language/query/b.ts': importing('../plan/a.ts') },
  },
  'folders of the data plane': {
    rule: imports.foldersKeepTheirAllowedEdges,
    bad: { 'src/dataplane/records/a.ts': importing('../brokers/broker.ts') },
    good: { 'src/dataplane/brokers/a.ts': importing('../records/b.ts') },
  },
  'homes of libraries': {
    rule: imports.foreignLibrariesHaveOneHome,
    bad: { 'src/services/a.ts': importing('node:sqlite') },
    good: { 'src/foundation/sqlite/a.ts': importing('node:sqlite', 'node:fs') },
  },
  'libraries without a home': {
    rule: imports.foreignLibrariesHaveOneHome,
    bad: { 'src/services/a.ts': importing('left-pad') },
    good: { 'src/services/a.test.ts': importing('fast-check') },
  },
  'built-in modules in language': {
    rule: imports.languageTouchesNothing,
    bad: { 'src/language/a.ts': importing('node:fs') },
    good: { 'src/language/a.ts': importing('#foundation/b.ts'), 'src/language/a.test.ts': importing('node:fs') },
  },
  'tests in the product': {
    rule: imports.productDoesNotImportTests,
    bad: { 'src/services/a.ts': importing('./b.fixture.ts') },
    good: { 'src/services/a.test.ts': importing('./b.fixture.ts') },
  },
  'unused files': {
    rule: imports.productIsUsed,
    bad: { 'src/services/a.ts': '', 'src/services/a.test.ts': importing('./a.ts') },
    good: { 'src/services/a.ts': '', 'src/main.ts': importing('#services/a.ts') },
  },
  'private parts in examples': {
    rule: imports.examplesUseThePublicInterface,
    bad: { 'examples/one/app.ts': importing('#language/query/app.ts') },
    good: { 'examples/one/app.ts': importing('mysimbdp', './generator/a.ts') },
  },
  'the clock': {
    rule: texts.outsideWorldIsInFoundation,
    bad: { 'src/services/a.ts': 'const now = Date.now()' },
    good: {
      'src/services/a.ts': "// Date.now()\nconst text = 'Date.now()' + `process.env`",
      'src/main.ts': 'process.env.X',
    },
  },
  'the clock inside a template': {
    rule: texts.outsideWorldIsInFoundation,
    bad: { 'src/services/a.ts': inTemplate('Date.now()') },
    good: { 'src/services/a.ts': `\`Date.now()\` + ${inTemplate('clock.nowMs()')}` },
  },
  barrels: {
    rule: texts.noBarrels,
    bad: { 'src/services/a.ts': "export { b } from './b.ts'" },
    good: { 'src/mysimbdp.ts': "export { b } from '#language/b.ts'" },
  },
  'index files': {
    rule: texts.noBarrels,
    bad: { 'src/services/index.ts': '' },
    good: { 'src/services/index-of.ts': '' },
  },
  'lists of exports': {
    rule: texts.exportsStandAtDefinitions,
    bad: { 'src/a.ts': 'const a = 1\nexport { a }' },
    good: { 'src/a.ts': "export { a } from './b.ts'" },
  },
  'file names': {
    rule: texts.namesAreKebabCase,
    bad: { 'src/services/runFolder.ts': '' },
    good: { 'src/services/run-folder.test.ts': '', 'test/real/trips.sql.ts': '' },
  },
  'empty names': {
    rule: texts.namesSaySomething,
    bad: { 'src/services/run-utils.ts': '' },
    good: { 'src/services/common-type.ts': '', 'src/services/compute.ts': '' },
  },
  'test names': {
    rule: texts.testsAreNamedTests,
    bad: { 'src/services/a.ts': importing('node:test') },
    good: { 'src/services/a.test.ts': importing('node:test'), 'src/services/a.contract.ts': importing('node:test') },
  },
  'tests switched off': {
    rule: texts.noTestIsSwitchedOff,
    bad: { 'src/a.test.ts': "it.skip('works', () => {})" },
    good: { 'src/a.test.ts': "it('works', () => {})" },
  },
  'unfinished work': {
    rule: texts.nothingIsUnfinished,
    bad: { 'docs/a.md': `${UNFINISHED_WORD}: write this` },
    good: { 'docs/a.md': 'todos are a kind of list' },
  },
  'paths of a machine': {
    rule: texts.filesNameNoMachine,
    bad: { 'docs/a.md': `see ${HOME_OF_SOMEBODY}` },
    good: { 'docs/a.md': `see https://example.org${HOME_OF_SOMEBODY} and ./home/x` },
  },
  'hosts of registries': {
    rule: texts.filesNameNoMachine,
    bad: { 'package-lock.json': ['https://registry', 'example', 'org/a'].join('.') },
    good: { 'package-lock.json': 'the registry of aggregates' },
  },
  'long files': {
    rule: (files) => texts.filesAreShort(files, {}),
    bad: { 'src/services/a.ts': 'x\n'.repeat(301) },
    good: { 'src/services/a.ts': 'x\n'.repeat(300), 'src/services/a.test.ts': 'x\n'.repeat(900) },
  },
  'listed files that grew': {
    rule: (files) => texts.filesAreShort(files, { 'src/services/a.ts': 400 }),
    bad: { 'src/services/a.ts': 'x\n'.repeat(401) },
    good: { 'src/services/a.ts': 'x\n'.repeat(400) },
  },
  'listed files that need it no more': {
    rule: (files) => texts.filesAreShort(files, { 'src/services/a.ts': 400 }),
    bad: { 'src/services/a.ts': 'x\n'.repeat(20) },
    good: { 'src/services/a.ts': 'x\n'.repeat(301) },
  },
  'folders without README': {
    rule: texts.foldersHaveReadmes,
    bad: { 'src/services/runs/a.ts': '', 'src/services/README.md': 'x' },
    good: { 'src/services/runs/deep/a.ts': '', 'src/services/README.md': 'x', 'src/services/runs/README.md': 'x' },
  },
  'long READMEs': {
    rule: texts.foldersHaveReadmes,
    bad: { 'src/services/README.md': 'x\n'.repeat(31) },
    good: { 'src/services/README.md': 'x\n'.repeat(30) },
  },
}

describe('the rules see', () => {
  for (const [what, { rule, bad, good }] of Object.entries(trials)) {
    it(what, () => {
      assert.equal(rule(filesOf(bad)).length, 1, rule(filesOf(bad)).join('\n'))
      assert.deepEqual(rule(filesOf(good)), [])
    })
  }

  it('every form of import', () => {
    const text = `import './a.ts'\nimport type {\n  B,\n} from './b.ts'\nexport * from './c.ts'\nawait import('./d.ts')\n// import './e.ts'\n`
    assert.deepEqual(
      importsOf(sourceFile('src/x/y.ts', text)).map(({ line, target }) => `${line} ${target}`),
      ['1 src/x/a.ts', '2 src/x/b.ts', '5 src/x/c.ts', '6 src/x/d.ts'],
    )
  })

  it('code, and not comments, texts, templates or regular expressions', () => {
    const text = ['a /* b\n */ \'c\' "d\\"" `e ', '{f + `g ', "{{ h: 1 }}`} i` / j / k; x = /l['/]m/g // n"].join('$')
    const letters = (blanked: string): string => blanked.replace(/[^a-z]/g, '')
    assert.equal(letters(blankCommentsAndTexts(text)), 'afhjkxg')
    assert.equal(letters(blankComments(text)), 'acdefghijkxlmg')
    assert.equal(blankCommentsAndTexts(text).length, text.length)
  })
})
