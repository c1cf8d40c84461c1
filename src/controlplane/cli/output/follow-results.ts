import type { ErrorCode } from '#foundation/errors/error-codes.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { every } from '#foundation/time/timers.ts'
import { type FollowHandlers, followEvents, type ServerEvent } from '../../client/followed-events.ts'
import { PlatformClient } from '../../client/platform-client.ts'
import { csvHeader, csvLine } from '../../rows/csv.ts'
import { rowCells } from '../../rows/row-cells.ts'
import { type KeyedText, rowLine } from '../../rows/row-line.ts'
import { parametersOf, type QuerySummary, type ResultOptions, TABLE_ROWS } from '../result-request.ts'
import type { Terminal } from '../terminal.ts'
import { queryTable } from './query-table.ts'
import { visibleText } from './visible-text.ts'

interface Followed {
  readonly app: string
  readonly queries: readonly QuerySummary[]
  readonly options: ResultOptions
  readonly terminal: Terminal
}

/** What an event of the platform says; rows as text, so that numbers keep their digits. */
interface FollowedChange {
  readonly query: string
  readonly kind: 'snapshot' | 'snapshot-end' | 'changes'
  readonly reset: boolean
  readonly rows: readonly KeyedText[]
  readonly removed: readonly string[]
}

/** Where changes go. */
interface ChangeWriter {
  write(change: FollowedChange): void
}

/** Prints results as they change, for good. @throws what the platform answers when waiting cannot mend it */
export async function followResults(followed: Followed): Promise<void> {
  const writer = writerFor(followed)
  for await (const event of followEvents(handlersFor(followed))) {
    if (event.event === 'problem') {
      const { code, message } = JSON.parse(event.data) as { code: ErrorCode; message: string }
      throw new MysimbdpError(code, message)
    }
    writer.write(changeOf(event))
  }
}

function handlersFor({ app, queries, options, terminal }: Followed): FollowHandlers {
  const parameters = parametersOf(options)
  parameters.set('queries', queries.map(({ name }) => `${app}/${name}`).join(','))
  return {
    // A platform that was started again may have another address: it is looked for each time.
    connect: async (id) =>
      PlatformClient.find(options).request(`/v1/live?${parameters}`, {
        headers: id === undefined ? {} : { 'last-event-id': id },
      }),
    onLost: (reason) => terminal.note(`${reason}; trying again until it is back\n`),
    onBack: () => terminal.note('connected again\n'),
  }
}

function writerFor({ queries, options, terminal }: Followed): ChangeWriter {
  if (options.format === 'json') return { write: (change) => writeJson(change, terminal) }
  if (options.format === 'csv') return new CsvWriter(terminal)
  if (terminal.redraw === undefined) return { write: (change) => writeLines(change, terminal) }
  return new View(queries, options.latest ?? TABLE_ROWS, terminal, terminal.redraw)
}

function changeOf({ event, data }: ServerEvent): FollowedChange {
  const { query, reset, rows, removed } = parseKeepingDigits(data) as {
    readonly query: string
    readonly reset?: boolean
    readonly rows?: readonly { readonly key: string; readonly row: unknown }[]
    readonly removed?: readonly string[]
  }
  return {
    query,
    kind: event as FollowedChange['kind'],
    reset: reset === true,
    rows: (rows ?? []).map(({ key, row }) => ({ key, row: JSON.stringify(row) })),
    removed: removed ?? [],
  }
}

/** Numbers stay the text they were, and are written so again. */
const parseKeepingDigits = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined
      ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(context.source)
      : value,
  )

function writeJson({ query, rows, removed }: FollowedChange, terminal: Terminal): void {
  const name = JSON.stringify(query)
  for (const key of removed) terminal.out(`{"query":${name},"key":${JSON.stringify(key)},"removed":true}\n`)
  for (const row of rows) terminal.out(`{"query":${name},${rowLine(row).slice(1)}\n`)
}

class CsvWriter implements ChangeWriter {
  readonly #terminal: Terminal
  #first = true

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  write({ rows }: FollowedChange): void {
    for (const { row } of rows) {
      this.#terminal.out(`${this.#first ? csvHeader(row) : ''}${csvLine(row)}`)
      this.#first = false
    }
  }
}

/** Lines for people where nothing can be drawn anew. */
function writeLines({ query, rows, removed }: FollowedChange, terminal: Terminal): void {
  for (const key of removed) terminal.out(`${query}  ${visibleText(key)} has left the result\n`)
  for (const { row } of rows) {
    const cells = [...rowCells(row)].filter(([name]) => name !== 'window_end')
    const texts = cells.map(([name, { text }]) => (name === 'window_start' ? text : `${name}=${text}`))
    terminal.out(`${query}  ${visibleText(texts.join('  '))}\n`)
  }
}

const REDRAW_MS = 250
/** Rows of a query that are remembered: more than are shown, since rows can leave. */
const REMEMBERED_ROWS = 200

/** The newest rows of each query, drawn anew in place. */
class View implements ChangeWriter {
  readonly #rows: ReadonlyMap<string, Map<string, string>>
  #changed = false

  constructor(queries: readonly QuerySummary[], rowsShown: number, terminal: Terminal, redraw: (text: string) => void) {
    this.#rows = new Map(queries.map(({ name }) => [name, new Map()]))
    every(REDRAW_MS, () => {
      if (!this.#changed) return
      this.#changed = false
      const tables = queries.map((query) => queryTable(query, this.#newest(query.name).slice(0, rowsShown), terminal))
      redraw(`${tables.join('\n')}\n${terminal.style('dim', 'following; Ctrl-C ends it')}\n`)
    })
  }

  write({ query, reset, rows, removed }: FollowedChange): void {
    const known = this.#rows.get(query)!
    if (reset) known.clear()
    for (const key of removed) known.delete(key)
    for (const { key, row } of rows) known.set(key, row)
    if (known.size > REMEMBERED_ROWS * 2)
      for (const key of [...known.keys()].sort(newestFirst).slice(REMEMBERED_ROWS)) known.delete(key)
    this.#changed = true
  }

  #newest(query: string): readonly string[] {
    return [...this.#rows.get(query)!].sort(([a], [b]) => newestFirst(a, b)).map(([, row]) => row)
  }
}

/** Keys begin with the window's start; those of records are partition and offset. */
function newestFirst(a: string, b: string): number {
  const startOf = (key: string): number => Number(key.split('|')[0])
  return startOf(b) - startOf(a) || b.length - a.length || (a < b ? 1 : -1)
}
