import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Runs a command of the product to its end, and answers what it printed. */
export const product = (args: readonly string[]): string =>
  execFileSync(process.execPath, ['bin/mysimbdp.js', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  })

export interface RunRows {
  /** Rows of each query as JSON text, in listing order. */
  readonly queries: ReadonlyMap<string, readonly string[]>
  readonly read: number
  readonly rejected: number
}

/** What `mysimbdp run --as-stream` over files gives: what a live stream of the same records is compared with (semantics 2.8). */
export const runAsStream = (app: string, files: readonly string[], folder: string): RunRows =>
  run(app, files, folder, ['--as-stream'])

/** What `mysimbdp run` over files gives: nothing is late. */
export const runBounded = (app: string, files: readonly string[], folder: string): RunRows =>
  run(app, files, folder, [])

function run(app: string, files: readonly string[], folder: string, options: readonly string[]): RunRows {
  const out = join(folder, `run${options.join('')}.json`)
  const inputs = files.flatMap((file) => ['--input', file])
  product(['run', app, ...inputs, ...options, '--format', 'json', '--out', out])
  const text = readFileSync(out, 'utf8')
  const { input } = JSON.parse(text) as { input: Readonly<Record<string, { read: number; rejected: number }>> }
  return { queries: rowsIn(text), ...Object.values(input)[0]! }
}

function rowsIn(document: string): ReadonlyMap<string, readonly string[]> {
  const queries = new Map<string, string[]>()
  let rows: string[] = []
  for (const line of document.split('\n')) {
    const [, query] = /^"(\w+)":\{"rows":\[$/.exec(line) ?? []
    if (query !== undefined) queries.set(query, (rows = []))
    else if (line.startsWith('{"window"')) rows.push(line.replace(/(?:,|\],"late":.*)$/, ''))
  }
  return queries
}

/** Rows of windows that the watermark has passed: those that a live stream has of an append query. */
export const closedBy = (watermarkMs: number, rows: readonly string[]): readonly string[] =>
  rows.filter((row) => Date.parse(/"end":"([^"]+)"/.exec(row)![1]!) <= watermarkMs)
