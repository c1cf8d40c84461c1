import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as imports from './tidy/import-rules.ts'
import { filesUnder, readSourceFile, type SourceFile, type Violation } from './tidy/source-file.ts'
import * as texts from './tidy/text-rules.ts'

/** Files over the limit on the day they were listed. A size here may only go down. */
const LONG_FILES: Readonly<Record<string, number>> = {}

const repository = fileURLToPath(new URL('..', import.meta.url))
const files = filesUnder(repository)
  .filter((path) => /\.(ts|js|json|md|txt|jsonl|sql|ya?ml|sh)$|^\.ci\//.test(path))
  .map((path) => readSourceFile(repository, path))

const rules: Readonly<Record<string, (files: readonly SourceFile[]) => readonly Violation[]>> = {
  'a layer imports itself and the layers below it': imports.layersOnlyPointDown,
  'an import is relative inside a layer and by #layer across': imports.importsAreWrittenOneWay,
  'only the wiring names plug-ins, and no plug-in imports another': imports.plugInsDoNotMeet,
  'the folders of a layer do not import each other in circles': imports.foldersHaveNoCycles,
  'the folders of the data plane import the siblings they may': imports.foldersKeepTheirAllowedEdges,
  'a foreign library has one home': imports.foreignLibrariesHaveOneHome,
  'language imports nothing but foundation': imports.languageTouchesNothing,
  'product code imports no test code': imports.productDoesNotImportTests,
  'product code is used': imports.productIsUsed,
  'examples use the public interface alone': imports.examplesUseThePublicInterface,
  'clock, randomness, timers and environment are in foundation and main': texts.outsideWorldIsInFoundation,
  'there are no barrels': texts.noBarrels,
  'exports stand where things are defined': texts.exportsStandAtDefinitions,
  'files and folders are named in kebab-case': texts.namesAreKebabCase,
  'names say what is inside': texts.namesSaySomething,
  'files with tests are named so': texts.testsAreNamedTests,
  'no test is switched off': texts.noTestIsSwitchedOff,
  'nothing is left unfinished': texts.nothingIsUnfinished,
  'no file names one machine or a registry': texts.filesNameNoMachine,
  'product files have at most 300 lines': (all) => texts.filesAreShort(all, LONG_FILES),
  'folders say in a short README what they are for': texts.foldersHaveReadmes,
}

describe('house rules', () => {
  it('read the repository', () => assert.ok(files.filter(({ path }) => path.startsWith('src/')).length > 100))

  for (const [title, rule] of Object.entries(rules)) it(title, () => assert.deepEqual(rule(files), []))
})
