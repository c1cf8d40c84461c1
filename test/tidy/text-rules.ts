import { basename } from 'node:path/posix'
import { importsOf } from './imports.ts'
import { isTestFile, matches, type SourceFile, type Violation } from './source-file.ts'

const isTypeScript = ({ path }: SourceFile): boolean => path.endsWith('.ts')
const isProduct = (file: SourceFile): boolean =>
  isTypeScript(file) && file.path.startsWith('src/') && !isTestFile(file.path)

const KEBAB_FILE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/
const KEBAB_FOLDER = /^\.?[a-z0-9]+(-[a-z0-9]+)*$/

export const namesAreKebabCase = (files: readonly SourceFile[]): readonly Violation[] =>
  files.filter(isTypeScript).flatMap(({ path }) => {
    const folders = path.split('/').slice(0, -1)
    const good = KEBAB_FILE.test(basename(path)) && folders.every((folder) => KEBAB_FOLDER.test(folder))
    return good ? [] : [`${path}: names are in kebab-case`]
  })

/** Names that say nothing about what is inside. */
const EMPTY_NAME = /(?:^|[-/.])(?:(?:utils?|helpers?)(?=[-/.]|$)|(?:common|misc)(?=[/.]|$))/

export const namesSaySomething = (files: readonly SourceFile[]): readonly Violation[] =>
  files.filter(({ path }) => EMPTY_NAME.test(path)).map(({ path }) => `${path}: name it after what it does`)

export const noBarrels = (files: readonly SourceFile[]): readonly Violation[] => [
  ...files.filter(({ path }) => /(?:^|\/)index\.[jt]s$/.test(path)).map(({ path }) => `${path}: no barrels`),
  ...files
    .filter((file) => isProduct(file) && file.path !== 'src/mysimbdp.ts')
    .flatMap((file) =>
      matches(file, file.code, /^export (?:type )?(?:\*|\{[^}]*\}) from/gm, 'only src/mysimbdp.ts passes exports on'),
    ),
]

/** What is exported is exported where it is defined. */
export const exportsStandAtDefinitions = (files: readonly SourceFile[]): readonly Violation[] =>
  files
    .filter(isTypeScript)
    .flatMap((file) =>
      matches(file, file.code, /^export (?:type )?\{[^}]*\}(?! from)/gm, 'export it where it is defined'),
    )

const OUTSIDE_WORLD =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bperformance\.\w+|\bprocess\.(?:env|hrtime)\b|\brandom(?:UUID|Bytes|Int)\b|\bgetRandomValues\b/g

export const outsideWorldIsInFoundation = (files: readonly SourceFile[]): readonly Violation[] =>
  files
    .filter((file) => isProduct(file) && !file.path.startsWith('src/foundation/') && file.path !== 'src/main.ts')
    .flatMap((file) =>
      matches(file, file.code, OUTSIDE_WORLD, '$&: clock, randomness, timers and environment are in foundation'),
    )

const UNFINISHED = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`, 'g')

export const nothingIsUnfinished = (files: readonly SourceFile[]): readonly Violation[] =>
  files.flatMap((file) => matches(file, file.text, UNFINISHED, 'finish it, or open an issue'))

/** A path or a host that exists on one machine, or in one company, only. */
const MACHINE_PATH = /(?<=^|[\s'"`(=:])\/(?:work|root|home|Users|mnt)\/[\w.-]/gm
const REGISTRY_HOST =
  /\bregistry\.[a-z-]+\.[a-z]+|\bnpmjs\.(?:org|com)|\bpypi\.org|\bmaven\.org|\bcrates\.io|\b(?:artifactory|nexus|verdaccio)\b[.:/]/g

export const filesNameNoMachine = (files: readonly SourceFile[]): readonly Violation[] =>
  files.flatMap((file) => [
    ...matches(file, file.text, MACHINE_PATH, '$&…: a path of one machine'),
    ...matches(file, file.text, REGISTRY_HOST, '$&: the host of a registry'),
  ])

export const testsAreNamedTests = (files: readonly SourceFile[]): readonly Violation[] =>
  files.filter(isTypeScript).flatMap((file) => {
    const imported = importsOf(file).map(({ specifier }) => specifier)
    const usesRunner = imported.includes('node:test')
    if (usesRunner && !/\.(?:test|contract)\.ts$/.test(file.path))
      return [`${file.path}: a file with tests is named *.test.ts`]
    const runsContract = imported.some((specifier) => specifier.endsWith('.contract.ts'))
    return file.path.endsWith('.test.ts') && !usesRunner && !runsContract ? [`${file.path}: has no tests`] : []
  })

export const noTestIsSwitchedOff = (files: readonly SourceFile[]): readonly Violation[] =>
  files
    .filter(isTypeScript)
    .flatMap((file) =>
      matches(file, file.code, /\b(?:it|test|describe|suite)\.(?:skip|only|todo)\b/g, '$&: no test is switched off'),
    )

const LINES_MAX = 300
const README_LINES_MAX = 30

const lineCount = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

/** Files of product code over the limit, with the size each had when it was listed: it may only shrink. */
export function filesAreShort(
  files: readonly SourceFile[],
  ratchet: Readonly<Record<string, number>>,
): readonly Violation[] {
  const known = new Set(files.map(({ path }) => path))
  const gone = Object.keys(ratchet).filter((path) => !known.has(path))
  return [
    ...gone.map((path) => `${path}: is gone; take it off the list`),
    ...files.filter(isProduct).flatMap(({ path, text }) => {
      const [lines, limit] = [lineCount(text), ratchet[path] ?? LINES_MAX]
      if (lines > limit) return [`${path}: ${lines} lines, at most ${limit}`]
      return lines <= LINES_MAX && path in ratchet ? [`${path}: ${lines} lines; take it off the list`] : []
    }),
  ]
}

/** The folders of the first two levels of src say in a README what they are for. */
export function foldersHaveReadmes(files: readonly SourceFile[]): readonly Violation[] {
  const folders = new Set(
    files
      .flatMap(({ path }) => {
        const parts = path.split('/')
        return parts[0] === 'src'
          ? [parts.slice(0, 2), parts.slice(0, 3)].filter((folder) => folder.length < parts.length)
          : []
      })
      .map((parts) => parts.join('/')),
  )
  const readmes = new Map(
    files.filter(({ path }) => basename(path) === 'README.md').map(({ path, text }) => [path, lineCount(text)]),
  )
  return [
    ...[...folders]
      .filter((folder) => !readmes.has(`${folder}/README.md`))
      .map((folder) => `${folder}: has no README.md`),
    ...[...readmes]
      .filter(([path, lines]) => path.startsWith('src/') && lines > README_LINES_MAX)
      .map(([path, lines]) => `${path}: ${lines} lines, at most ${README_LINES_MAX}`),
  ]
}
