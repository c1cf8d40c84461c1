import { type Import, importsOf, place } from './imports.ts'
import { isTestFile, type SourceFile, type Violation } from './source-file.ts'

/** From the bottom up; a layer imports itself and those before it. */
export const LAYERS = ['foundation', 'language', 'dataplane', 'services', 'controlplane'] as const
/** Folders of src/dataplane that hold interchangeable plug-ins. */
const PLUG_IN_FOLDERS = ['sources', 'brokers', 'engines', 'sinks']
/** Files at the root of src stand above all layers; these two may name plug-ins. */
const WIRING = ['src/wiring.ts', 'src/main.ts']
/** Where processes and threads begin: nothing imports them. */
const ENTRIES = ['src/main.ts', 'src/worker.ts', 'src/decode-thread.ts', 'src/foundation/sqlite/checkpoint-worker.ts']

/** What a folder of a layer may import of its siblings. A layer that is not listed here only needs to be free of cycles. */
const ALLOWED_EDGES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  dataplane: {
    records: [],
    decoding: ['records'],
    encoding: ['records'],
    brokers: ['records', 'decoding'],
    sources: [],
    sinks: [],
    engines: ['brokers', 'records', 'decoding', 'sinks'],
  },
}

/** Where each foreign library (or built-in module with consequences) is at home. */
const HOMES: Readonly<Record<string, string>> = {
  'node:sqlite': 'src/foundation/sqlite/',
  commander: 'src/controlplane/cli/',
  'cli-table3': 'src/controlplane/cli/',
  fastify: 'src/controlplane/api/',
  'prom-client': 'src/services/metrics/',
  'node:worker_threads': 'src/foundation/threads/',
  '@duckdb/node-api': 'src/dataplane/engines/duckdb/',
  '@platformatic/kafka': 'src/dataplane/brokers/kafka/',
  'cassandra-driver': 'src/dataplane/sinks/cassandra/',
  '@bufbuild/protobuf': 'src/dataplane/engines/spark/',
  '@connectrpc/connect': 'src/dataplane/engines/spark/',
  '@connectrpc/connect-node': 'src/dataplane/engines/spark/',
}

const productFiles = (files: readonly SourceFile[]): readonly SourceFile[] =>
  files.filter(({ path }) => path.startsWith('src/') && path.endsWith('.ts') && !isTestFile(path))
const productImports = (files: readonly SourceFile[]): readonly Import[] => productFiles(files).flatMap(importsOf)

const layerOf = (path: string): string => path.split('/')[1]!
const rankOf = (path: string): number => {
  const rank = LAYERS.indexOf(layerOf(path) as (typeof LAYERS)[number])
  return rank === -1 ? LAYERS.length : rank
}

/** `src/dataplane/engines/duckdb`, or null outside plug-ins. */
export function plugInOf(path: string): string | null {
  const parts = path.split('/')
  const isPlugIn = parts[1] === 'dataplane' && PLUG_IN_FOLDERS.includes(parts[2]!) && parts.length > 4
  return isPlugIn ? parts.slice(0, 4).join('/') : null
}

export const layersOnlyPointDown = (files: readonly SourceFile[]): readonly Violation[] =>
  productImports(files)
    .filter(({ from, target }) => target?.startsWith('src/') && rankOf(target) > rankOf(from.path))
    .map((one) => `${place(one)}: ${layerOf(one.from.path)} imports ${one.specifier}, which is above it`)

/** Relative inside a layer, `#layer/…` between layers. */
export const importsAreWrittenOneWay = (files: readonly SourceFile[]): readonly Violation[] =>
  productImports(files)
    .filter(({ from, target, specifier }) => {
      if (target === null) return false
      const sameLayer = layerOf(target) === layerOf(from.path) || rankOf(target) === LAYERS.length
      return specifier.startsWith('.') !== sameLayer || !specifier.endsWith('.ts')
    })
    .map((one) => `${place(one)}: ${one.specifier}: write './…' inside a layer and '#layer/…' across, with .ts`)

export const plugInsDoNotMeet = (files: readonly SourceFile[]): readonly Violation[] =>
  productImports(files).flatMap((one) => {
    const [importer, imported] = [plugInOf(one.from.path), one.target === null ? null : plugInOf(one.target)]
    if (imported === null || imported === importer || WIRING.includes(one.from.path)) return []
    const who = importer === null ? 'only src/wiring.ts names a plug-in' : 'a plug-in does not import another'
    return [`${place(one)}: ${one.specifier}: ${who}`]
  })

export const foreignLibrariesHaveOneHome = (files: readonly SourceFile[]): readonly Violation[] =>
  productImports(files).flatMap((one) => {
    if (one.target !== null) return []
    const home = HOMES[one.specifier]
    if (home !== undefined)
      return one.from.path.startsWith(home) ? [] : [`${place(one)}: ${one.specifier} is at home in ${home}`]
    return one.specifier.startsWith('node:')
      ? []
      : [`${place(one)}: ${one.specifier} has no home; give it one in test/tidy`]
  })

export const languageTouchesNothing = (files: readonly SourceFile[]): readonly Violation[] =>
  productImports(files)
    .filter(({ from, target }) => layerOf(from.path) === 'language' && (target === null || rankOf(target) > 1))
    .map((one) => `${place(one)}: language imports ${one.specifier}; it knows only itself and foundation`)

export const productDoesNotImportTests = (files: readonly SourceFile[]): readonly Violation[] =>
  productImports(files)
    .filter(({ target }) => target !== null && (isTestFile(target) || !target.startsWith('src/')))
    .map((one) => `${place(one)}: ${one.specifier} is for tests`)

/** A file that only tests beside it import is no product code: it is dead, or a fixture and named so. */
export function productIsUsed(files: readonly SourceFile[]): readonly Violation[] {
  const users = files.filter(({ path }) => path.endsWith('.ts') && !(path.startsWith('src/') && isTestFile(path)))
  const used = new Set(users.flatMap(importsOf).map(({ target }) => target))
  return productFiles(files)
    .filter(({ path }) => !used.has(path) && !ENTRIES.includes(path))
    .map(({ path }) => `${path}: nothing but tests beside it imports it; delete it, or name it *.fixture.ts`)
}

/** Examples are written as a user writes: against the public interface alone. */
export const examplesUseThePublicInterface = (files: readonly SourceFile[]): readonly Violation[] =>
  files
    .filter(({ path }) => path.startsWith('examples/') && path.endsWith('.ts') && !isTestFile(path))
    .flatMap(importsOf)
    .filter(({ target }) => target === null || (target !== 'src/mysimbdp.ts' && !target.startsWith('examples/')))
    .map((one) => `${place(one)}: ${one.specifier}: an example imports 'mysimbdp' and its own files`)

type Edges = Map<string, Map<string, string>>

/** For each first-level folder of a layer, the siblings it imports, each with one place where it does. */
function edgesInside(layer: string, files: readonly SourceFile[]): Edges {
  const edges: Edges = new Map()
  for (const one of productImports(files)) {
    const [from, to] = [one.from.path.split('/'), one.target?.split('/') ?? []]
    const inLayer = from[1] === layer && to[1] === layer && from.length > 3 && to.length > 3
    if (!inLayer || from[2] === to[2]) continue
    const known = edges.get(from[2]!) ?? new Map<string, string>()
    if (!known.has(to[2]!)) known.set(to[2]!, place(one))
    edges.set(from[2]!, known)
  }
  return edges
}

function cycleFrom(folder: string, edges: Edges, path: readonly string[]): readonly string[] | null {
  if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder]
  for (const next of edges.get(folder)?.keys() ?? []) {
    const cycle = cycleFrom(next, edges, [...path, folder])
    if (cycle !== null) return cycle
  }
  return null
}

export const foldersHaveNoCycles = (files: readonly SourceFile[]): readonly Violation[] =>
  LAYERS.flatMap((layer) => {
    const edges = edgesInside(layer, files)
    const cycle = [...edges.keys()].map((folder) => cycleFrom(folder, edges, [])).find((found) => found !== null)
    if (cycle === undefined || cycle === null) return []
    const steps = cycle.slice(1).map((to, i) => `${cycle[i]} -> ${to} (${edges.get(cycle[i]!)!.get(to)})`)
    return [`src/${layer}: folders import each other in a circle: ${steps.join(', ')}`]
  })

export const foldersKeepTheirAllowedEdges = (files: readonly SourceFile[]): readonly Violation[] =>
  Object.entries(ALLOWED_EDGES).flatMap(([layer, allowed]) =>
    [...edgesInside(layer, files)].flatMap(([folder, targets]) =>
      [...targets]
        .filter(([target]) => !(allowed[folder] ?? []).includes(target))
        .map(
          ([target, where]) =>
            `${where}: ${folder} imports ${target}; it may import ${allowed[folder]?.join(', ') || 'no sibling'}`,
        ),
    ),
  )
