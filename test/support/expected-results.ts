import type { FieldType } from '#language/schemas/field-types.ts'
import { jsonTokens, rawMembers } from './raw-json.ts'

/** What a scenario's `expected.jsonl` says, and how results are held against it. */
export interface Expected {
  readonly queries: Readonly<Record<string, ExpectedQuery>>
  readonly streams: Readonly<Record<string, ExpectedStream>>
  /** The record at which a stream with the policy `fail` stops the job. */
  readonly failure: ExpectedFailure | null
  /** Columns of each query by name: float and double ones are compared with a tolerance. */
  readonly columnTypes: Readonly<Record<string, Readonly<Record<string, FieldType>>>>
  /** Records of each stream; a stream of which the file says nothing has accepted them all. */
  readonly recordCounts: Readonly<Record<string, number>>
}

export type ExpectedLines = Omit<Expected, 'columnTypes' | 'recordCounts'>

interface ComparisonOptions {
  /** True: rows may come in any order. */
  readonly anyOrder?: boolean
}

export interface ExpectedQuery {
  readonly rows: readonly { readonly key: string; readonly row: string }[]
  readonly late: readonly LateRecord[]
}

export interface ExpectedStream {
  readonly read: number
  readonly accepted: number
  readonly rejected: number
  readonly ambiguousTimes: number
  readonly deadLetters: readonly DeadLetter[]
}

export interface ExpectedFailure {
  readonly stream: string
  readonly partition: number
  readonly offset: number
  readonly code: string
}

export interface LateRecord {
  readonly partition: number
  readonly offset: number
  readonly windows: readonly number[]
}

export interface DeadLetter {
  readonly partition: number
  readonly offset: number
  readonly code: string
  readonly field: string | null
}

/** What an engine or the oracle found. */
export interface Actual {
  readonly queries: Readonly<Record<string, ActualQuery>>
  readonly streams: Readonly<Record<string, ActualStream>>
}

export interface ActualQuery {
  /** Row JSON and the result keys, in the same order. */
  readonly rows: readonly string[]
  readonly keys: readonly string[]
  readonly late: number
  readonly lateRecords: readonly LateRecord[]
}

export interface ActualStream {
  readonly read: number
  readonly accepted: number
  readonly rejected: number
  /** Left out where the engine does not count them. */
  readonly ambiguousTimes?: number
  readonly deadLetters: readonly DeadLetter[]
}

interface ExpectedLine {
  readonly query?: string
  readonly stream?: string
  readonly key?: string
  readonly late?: LateRecord
  readonly deadLetter?: DeadLetter
  readonly failure?: ExpectedFailure
  readonly read?: number
  readonly accepted?: number
  readonly rejected?: number
  readonly ambiguousTimes?: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

/** @throws Error for a line that is none of the known ones */
export function readExpected(lines: readonly string[]): ExpectedLines {
  const queries: Record<string, Mutable<ExpectedQuery>> = {}
  const streams: Record<string, Mutable<ExpectedStream>> = {}
  let failure: ExpectedFailure | null = null
  for (const line of lines) {
    const parsed = JSON.parse(line) as ExpectedLine
    if (parsed.failure !== undefined) failure = parsed.failure
    else if (parsed.query !== undefined) readQueryLine(parsed, line, (queries[parsed.query] ??= { rows: [], late: [] }))
    else if (parsed.stream !== undefined) {
      readStreamLine(
        parsed,
        (streams[parsed.stream] ??= { read: 0, accepted: 0, rejected: 0, ambiguousTimes: 0, deadLetters: [] }),
      )
    } else throw new Error(`not a line of expected results: ${line}`)
  }
  return { queries, streams, failure }
}

function readQueryLine(parsed: ExpectedLine, line: string, query: Mutable<ExpectedQuery>): void {
  if (parsed.late !== undefined) query.late.push(parsed.late)
  else query.rows.push({ key: parsed.key!, row: rawMembers(line).get('row')! })
}

function readStreamLine(parsed: ExpectedLine, stream: Mutable<ExpectedStream>): void {
  if (parsed.deadLetter !== undefined) {
    stream.deadLetters.push(parsed.deadLetter)
    return
  }
  stream.read = parsed.read!
  stream.accepted = parsed.accepted!
  stream.rejected = parsed.rejected!
  stream.ambiguousTimes = parsed.ambiguousTimes ?? 0
}

/** One line for each difference, naming query and key, with what was expected and what was found; empty: they agree. */
export function compareWithExpected(
  actual: Actual,
  expected: Expected,
  options: ComparisonOptions = {},
): readonly string[] {
  const queryNames = new Set([...Object.keys(expected.queries), ...Object.keys(actual.queries)])
  const differences = [...queryNames].flatMap((name) => {
    const found = actual.queries[name]
    if (found === undefined) return [`${name}: no such query in the result`]
    const wanted = expected.queries[name] ?? { rows: [], late: [] }
    return [...compareRows(name, found, wanted, expected, options), ...compareLate(name, found, wanted)]
  })
  for (const [name, count] of Object.entries(expected.recordCounts)) {
    const none = { read: count, accepted: count, rejected: 0, ambiguousTimes: 0, deadLetters: [] }
    differences.push(...compareStream(name, actual.streams[name], expected.streams[name] ?? none))
  }
  return differences
}

function compareRows(
  name: string,
  found: ActualQuery,
  wanted: ExpectedQuery,
  { columnTypes }: Expected,
  options: ComparisonOptions,
): readonly string[] {
  const differences: string[] = []
  const foundRows = new Map(found.keys.map((key, index) => [key, found.rows[index]]))
  if (foundRows.size !== found.keys.length)
    differences.push(`${name}: a key occurs twice among ${found.keys.join(' ')}`)
  const types = columnTypes[name] ?? {}
  for (const { key, row } of wanted.rows) {
    const foundRow = foundRows.get(key)
    foundRows.delete(key)
    if (foundRow === undefined) differences.push(`${name} ${key}: expected ${row}, found no row`)
    else if (!sameRow(row, foundRow, types)) differences.push(`${name} ${key}: expected ${row}, found ${foundRow}`)
  }
  for (const [key, row] of foundRows) differences.push(`${name} ${key}: expected no row, found ${row}`)
  const wantedOrder = wanted.rows.map(({ key }) => key).join(' ')
  if (differences.length === 0 && options.anyOrder !== true && wantedOrder !== found.keys.join(' ')) {
    differences.push(`${name}: expected the order ${wantedOrder}, found ${found.keys.join(' ')}`)
  }
  return differences
}

/** Names and values in the same order and writing; doubles within 1e-9, relative, in ECMAScript's form. */
export function sameRow(expected: string, found: string, types: Readonly<Record<string, FieldType>>): boolean {
  const [a, b] = [jsonTokens(expected), jsonTokens(found)]
  if (a.length !== b.length) return false
  return a.every((token, index) => {
    const name = a[index - 1] === ':' ? a[index - 2].slice(1) : ''
    const kind = types[name]?.kind
    const isBinary = (kind === 'double' || kind === 'float') && token !== 'null'
    return isBinary ? isClose(token, b[index]) : token === b[index]
  })
}

function isClose(expected: string, found: string): boolean {
  const [a, b] = [Number(expected), Number(found)]
  return String(b) === found && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
}

function compareLate(name: string, found: ActualQuery, wanted: ExpectedQuery): readonly string[] {
  const differences = compareList(`${name} late`, found.lateRecords.map(lateText), wanted.late.map(lateText))
  if (found.late === wanted.late.length) return differences
  return [...differences, `${name}: expected ${wanted.late.length} late, found ${found.late}`]
}

const lateText = ({ partition, offset, windows }: LateRecord): string =>
  `${partition}|${offset} [${windows.join(', ')}]`
const letterText = ({ partition, offset, code, field }: DeadLetter): string =>
  `${partition}|${offset} ${code} ${field ?? '-'}`

function compareStream(name: string, found: ActualStream | undefined, wanted: ExpectedStream): readonly string[] {
  if (found === undefined) return [`${name}: no such stream in the result`]
  const counts = (stream: ActualStream): string =>
    `read ${stream.read}, accepted ${stream.accepted}, rejected ${stream.rejected}` +
    (found.ambiguousTimes === undefined ? '' : `, ambiguous ${stream.ambiguousTimes}`)
  return [
    ...compareList(name, [counts(found)], [counts(wanted)]),
    ...compareList(`${name} dead letters`, found.deadLetters.map(letterText), wanted.deadLetters.map(letterText)),
  ]
}

function compareList(what: string, found: readonly string[], wanted: readonly string[]): readonly string[] {
  if (found.join('; ') === wanted.join('; ')) return []
  return [`${what}: expected ${wanted.join('; ') || 'none'}, found ${found.join('; ') || 'none'}`]
}
