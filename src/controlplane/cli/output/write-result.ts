import { closeSync, openSync, writeFileSync } from 'node:fs'
import { rejectionCodes } from '#dataplane/records/record-batch.ts'
import { windowText } from '#language/plan/explain.ts'
import { nodesOf, type OutputNode, windowAggregateOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import type { RunReport } from '#services/runs/bounded-run.ts'
import { csvLines } from '../../rows/csv.ts'
import type { Terminal } from '../terminal.ts'
import { cannotWrite } from './cannot-write.ts'
import { count, plural } from './progress-line.ts'
import { type QueryResult, type RunResult, runDocument } from './run-document.ts'
import { newTable, resultTable } from './table.ts'
import { visibleText } from './visible-text.ts'

export type OutputFormat = 'table' | 'json' | 'csv'

interface ResultOptions {
  readonly app: App
  readonly report: RunReport
  readonly seconds: number
  readonly format: OutputFormat
  readonly rows: number
  readonly out?: string
}

export function writeResult(result: RunResult, options: ResultOptions, terminal: Terminal): void {
  const pieces = {
    json: () => runDocument(result),
    csv: () => csvLines(result.queries[0]!.rows),
    table: () => tables(result, options, terminal),
  }[options.format]()
  if (options.out === undefined) {
    for (const piece of pieces) terminal.out(piece)
    return
  }
  writePieces(options.out, pieces)
  terminal.note(`${summary(result, options.seconds)}\nwritten to ${options.out}\n`)
}

const WRITE_CHARACTERS = 1 << 20

/** Writes a file piece by piece, some at a time. */
function writePieces(path: string, pieces: Iterable<string>): void {
  let file: number | undefined
  try {
    file = openSync(path, 'w')
    let text = ''
    for (const piece of pieces) {
      text += piece
      if (text.length < WRITE_CHARACTERS) continue
      writeFileSync(file, text)
      text = ''
    }
    writeFileSync(file, text)
  } catch (cause) {
    throw cannotWrite(path, cause)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function* tables(result: RunResult, options: ResultOptions, terminal: Terminal): Iterable<string> {
  yield `${terminal.style('bold', options.app.plan.name)}: ${summary(result, options.seconds)}\n`
  for (const query of result.queries) yield* queryTable(query, options, terminal)
  yield* rejections(options.report, terminal)
}

function summary({ inputs }: RunResult, seconds: number): string {
  const total = (key: 'read' | 'accepted' | 'rejected'): number =>
    Object.values(inputs).reduce((sum, input) => sum + input[key], 0)
  return `${count(total('read'))} records read, ${count(total('accepted'))} accepted, ${count(total('rejected'))} rejected, in ${seconds.toFixed(1)} s`
}

function* queryTable(
  { query, rows, rowCount, late }: QueryResult,
  { app, rows: rowsMax }: ResultOptions,
  terminal: Terminal,
): Iterable<string> {
  const plan = app.plan.queries.find(({ name }) => name === query)!
  const node = windowAggregateOf(plan.output)
  const about = [
    node === undefined ? null : windowText(node.window),
    node === undefined || node.groupBy.length === 0 ? null : `by ${node.groupBy.join(', ')}`,
    plan.output.mode,
  ]
  yield `\n${terminal.style('bold', query)}  ${terminal.style('dim', about.filter((part) => part !== null).join(' · '))}\n`
  yield resultTable(rows, rowCount, rowsMax, terminal)
  if (late > 0)
    yield terminal.style('yellow', `  ${plural(late, 'record was', 'records were')} late for ${lateFor(plan.output)}\n`)
}

/** Deduplication comes before windows, and what passes it is late for none of them. */
const lateFor = (output: OutputNode): string =>
  nodesOf(output).some(({ kind }) => kind === 'Deduplicate') ? 'deduplication' : 'at least one window'

const EXAMPLE_CHARACTERS = 36

const shortened = (text: string): string =>
  text.length <= EXAMPLE_CHARACTERS ? text : `${text.slice(0, EXAMPLE_CHARACTERS - 1)}…`

function* rejections({ rejections: byStream, inputs }: RunReport, terminal: Terminal): Iterable<string> {
  for (const [stream, counts] of Object.entries(byStream)) {
    const { ambiguousTimes } = inputs[stream]!
    if (ambiguousTimes > 0)
      yield `\n${plural(ambiguousTimes, 'record', 'records')} of ${stream} with a local time that occurs twice: the first occurrence was taken\n`
    if (counts.length === 0) continue
    yield `\n${terminal.style('bold', `Rejected records of ${stream}`)}\n`
    const table = newTable(
      ['records', 'reason', 'field', 'expected', 'for example'],
      ['right', 'left', 'left', 'left', 'left'],
    )
    for (const { code, field, expected, count: records, example } of counts) {
      table.push([
        count(records),
        rejectionCodes[code],
        field ?? '',
        expected ?? '',
        example.found === null
          ? `offset ${example.offset}`
          : `${visibleText(shortened(example.found))}  (offset ${example.offset})`,
      ])
    }
    yield `${table.toString()}\n`
  }
}
