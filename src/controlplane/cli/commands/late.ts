import { closeSync, openSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import type { RecordPlace } from '#dataplane/sinks/sink.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type LateRecordDocument, placeText, recordTextOf } from '#services/late/late-records.ts'
import { DEFAULT_DATA_FOLDER } from '../../client/platform-file.ts'
import type { CliContext } from '../context.ts'
import { type LatePlace, type LateSource, openLateSource } from '../late-source.ts'
import { requireFolderOf, wholeNumber } from '../option-values.ts'
import { cannotWrite } from '../output/cannot-write.ts'
import { count, plural } from '../output/progress-line.ts'
import { newTable } from '../output/table.ts'
import { visibleText } from '../output/visible-text.ts'
import type { Terminal } from '../terminal.ts'

const EXAMPLES = `
Examples:
  mysimbdp late list --data ./run1                                of a run
  mysimbdp late list --app tenantstreamapp                        of an app on a running platform
  mysimbdp late show 4711 --app tenantstreamapp --query sumFareWindow
  mysimbdp late export --app tenantstreamapp --query sumFareWindow --out late.ndjson
`

interface LateOptions extends LatePlace {
  readonly query?: string
}

export function addLateCommand(program: Command, context: CliContext): void {
  const command = program
    .command('late')
    .description('records that came too late for a window or for deduplication, kept with the windows they missed')
    .addHelpText('after', EXAMPLES)
  const withPlace = (subcommand: Command): Command =>
    subcommand
      .option('--data <folder>', `folder of a run; with --app, of the platform (${DEFAULT_DATA_FOLDER} when absent)`)
      .option('--app <name>', 'an app on a running platform')
      .option('--url <url>', 'the platform, as `start` printed it')
  withPlace(command.command('list').description('list late records of each query'))
    .option('--query <name>', 'only of this query')
    .option('--limit <n>', 'at most so many of each query', wholeNumber, 20)
    .action((options: LateOptions & { limit: number }) =>
      withSource(options, context, (source) => list(source, options, context.terminal)),
    )
  withPlace(command.command('show').argument('<offset>', 'offset of the record, as in the list', wholeNumber))
    .description('show one late record, and the windows it missed')
    .requiredOption('--query <name>', 'the query it was late for')
    .option('--partition <n>', 'partition of the record', wholeNumber, 0)
    .action((offset: number, options: LateOptions & { query: string; partition: number }) =>
      withSource(options, context, (source) =>
        show(source, options.query, { partition: options.partition, offset }, context.terminal),
      ),
    )
  withPlace(command.command('export').description('write late records as NDJSON, with the windows they missed'))
    .requiredOption('--query <name>', 'the query they were late for')
    .option('--out <file>', 'a file; to stdout when absent')
    .action((options: LateOptions & { query: string; out?: string }) =>
      withSource(options, context, (source) => exportAll(source, options.query, options.out, context.terminal)),
    )
}

async function withSource(
  options: LateOptions,
  { platform }: CliContext,
  work: (source: LateSource) => Promise<void>,
): Promise<void> {
  const source = await openLateSource(options, platform)
  try {
    if (options.query !== undefined && !source.queries.includes(options.query))
      throw new MysimbdpError(
        'MSB_NOT_FOUND',
        `there is no query '${options.query}'; there is ${source.queries.join(', ')}`,
      )
    await work(source)
  } finally {
    source.close()
  }
}

/** Of a query that runs in another server. */
const droppedText = (groups: number): string =>
  `${plural(groups, 'group of late records', 'groups of late records')} dropped since the job started; the server keeps none of their records`

async function list(
  source: LateSource,
  { query, limit }: LateOptions & { readonly limit: number },
  terminal: Terminal,
): Promise<void> {
  for (const name of query === undefined ? source.queries : [query]) {
    const { late: total, lateGroups } = await source.total(name)
    terminal.out(
      `${terminal.style('bold', name)}: ${lateGroups === null ? plural(total, 'late record', 'late records') : droppedText(lateGroups)}\n`,
    )
    const table = newTable(['offset', 'event time', 'missed windows from', 'to'], ['right', 'left', 'left', 'left'])
    let shown = 0
    if (total > 0 && limit > 0)
      for await (const line of source.lines(name, { from: { partition: 0, offset: 0 }, limit })) {
        const { offset, eventTime, windows } = JSON.parse(line) as LateRecordDocument
        table.push([offset, eventTime, textOfTimes(windows, 'start'), textOfTimes(windows, 'end')])
        shown++
      }
    if (shown > 0) terminal.out(`${table.toString()}\n`)
    if (total > shown) terminal.out(`  … and ${count(total - shown)} more; --limit shows more\n`)
  }
}

/** A record that is late for deduplication has missed no window by itself: it never came to one. */
function textOfTimes(windows: LateRecordDocument['windows'], which: 'start' | 'end'): string {
  if (windows.length === 0) return which === 'start' ? 'late for deduplication' : ''
  const time = (which === 'start' ? windows[0]! : windows.at(-1)!)[which]
  return which === 'end' && windows.length > 1 ? `${time}  (${windows.length} windows)` : time
}

async function show(source: LateSource, query: string, place: RecordPlace, terminal: Terminal): Promise<void> {
  for await (const line of source.lines(query, { from: place, limit: 1 })) {
    const { partition, offset, eventTime, windows } = JSON.parse(line) as LateRecordDocument
    if (placeText({ partition, offset }) !== placeText(place)) break
    const lines = [
      `offset      ${offset}, partition ${partition}`,
      `event time  ${eventTime}`,
      ...(windows.length === 0 ? ['missed      deduplication: its key may have lived before'] : []),
      ...windows.map(({ start, end }, i) => `${i === 0 ? 'missed' : '      '}      ${start} to ${end}`),
      '',
      visibleText(recordTextOf(line)),
    ]
    terminal.out(`${lines.join('\n')}\n`)
    return
  }
  throw new MysimbdpError(
    'MSB_NOT_FOUND',
    `no record at offset ${place.offset} of partition ${place.partition} was late for '${query}'`,
    {
      hint: '`late list` names those that were.',
    },
  )
}

async function exportAll(
  source: LateSource,
  query: string,
  out: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const lines = source.lines(query, { from: { partition: 0, offset: 0 }, limit: Number.POSITIVE_INFINITY })
  if (out === undefined) {
    for await (const line of lines) terminal.out(`${line}\n`)
    return
  }
  requireFolderOf(out)
  let [file, written]: [number | undefined, number] = [undefined, 0]
  try {
    file = openSync(out, 'w')
    for await (const line of lines) {
      writeSync(file, `${line}\n`)
      written++
    }
  } catch (cause) {
    throw cause instanceof MysimbdpError ? cause : cannotWrite(out, cause)
  } finally {
    if (file !== undefined) closeSync(file)
  }
  terminal.note(`${plural(written, 'late record', 'late records')} of ${query} written to ${out}\n`)
}
