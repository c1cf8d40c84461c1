import { closeSync, openSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import { rejectionCodes } from '#dataplane/records/record-batch.ts'
import type { DeadLetterDocument } from '#services/dead-letters/dead-letter-document.ts'
import type { CliContext } from '../context.ts'
import {
  chosenView,
  type DeadLetterPage,
  type DeadLetterPlace,
  type DeadLetterView,
  openViews,
} from '../dead-letters/dead-letter-view.ts'
import { refusedRowsText } from '../dead-letters/refused-rows.ts'
import { requireFolderOf, wholeNumber } from '../option-values.ts'
import { count, plural } from '../output/progress-line.ts'
import { newTable } from '../output/table.ts'
import { visibleText } from '../output/visible-text.ts'
import { addReplayCommand } from './replay-dead-letters.ts'

const RAW_SHOWN_CHARACTERS = 100_000
const PAGE = 500

const EXAMPLES = `
Examples:
  mysimbdp dead-letters list --data run1                                 of a run's folder
  mysimbdp dead-letters list --app tenantstreamapp                       of a running platform
  mysimbdp dead-letters show 1042 --app tenantstreamapp
  mysimbdp dead-letters export --app tenantstreamapp --out bad.ndjson    to edit them
  mysimbdp dead-letters replay --app tenantstreamapp --from bad.ndjson
`

export function addDeadLettersCommand(program: Command, context: CliContext): void {
  const command = program
    .command('dead-letters')
    .description('records that were rejected, kept with their reason')
    .addHelpText('after', EXAMPLES)
  withPlace(command.command('list').description('list rejected records, and rows that the serving store did not take'))
    .option('--limit <n>', 'at most so many of each stream', wholeNumber, 50)
    .action((options: DeadLetterPlace & { limit: number }) => list(options, context))
  withPlace(
    command
      .command('show')
      .argument('<offset>', 'offset of the record, as in the list', wholeNumber)
      .description('show one rejected record: why, and its raw bytes'),
  )
    .option('--topic <name>', 'the log, when there are several')
    .option('--partition <n>', 'partition of the log, on Kafka', wholeNumber, 0)
    .action((offset: number, options: DeadLetterPlace) => show(offset, options, context))
  withPlace(command.command('export').description('write rejected records to a file, one JSON line each, to be edited'))
    .requiredOption('--out <file>', 'NDJSON file to write')
    .option('--topic <name>', 'the log, when there are several')
    .option('--partition <n>', 'partition of the log, on Kafka', wholeNumber, 0)
    .action((options: DeadLetterPlace & { out: string }) => exportAll(options, context))
  addReplayCommand(command, context)
}

const withPlace = (command: Command): Command =>
  command
    .option('--data <folder>', 'folder of a run; with --app, the data folder of the platform')
    .option('--app <name>', 'app of a running platform')
    .option('--stream <name>', 'only this stream of the app')
    .option('--url <url>', 'where the platform is')

async function list(options: DeadLetterPlace & { readonly limit: number }, context: CliContext): Promise<void> {
  const { terminal } = context
  for (const view of await openViews(options, context)) {
    const total = (await view.counts()).reduce((sum, row) => sum + row.count, 0)
    const place = view.partitions === 1 ? '' : `, partition ${view.partition}`
    terminal.out(
      `${terminal.style('bold', view.topic)}${place}: ${plural(total, 'rejected record', 'rejected records')}\n`,
    )
    const letters = await firstLetters(view, options.limit)
    if (letters.length > 0) terminal.out(`${tableOf(letters)}\n`)
    if (total > letters.length) terminal.out(`  … and ${count(total - letters.length)} more; --limit shows more\n`)
    await view.close()
  }
  const isWhole = options.stream === undefined && options.topic === undefined
  if (isWhole && (options.app !== undefined || options.url !== undefined))
    terminal.out(await refusedRowsText(options, terminal))
}

async function firstLetters(view: DeadLetterView, limit: number): Promise<readonly DeadLetterDocument[]> {
  const letters: DeadLetterDocument[] = []
  for (let from: number | null = 0; from !== null && letters.length < limit; ) {
    const page: DeadLetterPage = await view.page(from, Math.min(PAGE, limit - letters.length))
    letters.push(...page.deadLetters)
    from = page.next
  }
  return letters
}

function tableOf(letters: readonly DeadLetterDocument[]): string {
  const replayed = letters.some(({ replay }) => replay !== null)
  const table = newTable(
    ['offset', 'reason', 'field', 'expected', 'found', 'bytes', ...(replayed ? ['replayed'] : [])],
    ['right', 'left', 'left', 'left', 'left', 'right', 'left'],
  )
  for (const { offset, code, field, expected, found, bytes, replay } of letters) {
    const cells = [offset, rejectionCodes[code], field ?? '', expected ?? '', visibleText(found ?? ''), count(bytes)]
    table.push([...cells, ...(replayed ? [replayText(replay)] : [])])
  }
  return table.toString()
}

const replayText = (replay: DeadLetterDocument['replay']): string =>
  replay === null ? '' : replay.kind === 'placed' ? 'in its place' : `at offset ${replay.offset}`

async function show(offset: number, options: DeadLetterPlace, context: CliContext): Promise<void> {
  const views = await openViews(options, context)
  const view = chosenView(views, options)
  context.terminal.out(describe(view.topic, await view.at(offset)))
  for (const each of views) await each.close()
}

function describe(topic: string, letter: DeadLetterDocument): string {
  const { offset, partition, arrival, code, field, expected, found, bytes, header, schema, replay } = letter
  const raw = letter.record === undefined ? Buffer.from(letter.base64 ?? '', 'base64') : Buffer.from(letter.record)
  // The bytes of an Avro record are no text.
  const text = (schema === undefined ? undefined : letter.base64) ?? raw.toString('utf8')
  const lines = [
    `offset    ${offset} of ${topic}, partition ${partition}`,
    `arrived   ${arrival}`,
    `reason    ${rejectionCodes[code]} (${code})`,
    ...(field === null ? [] : [`field     ${field}`]),
    ...(expected === null ? [] : [`expected  ${expected}`]),
    ...(found === null ? [] : [`found     ${visibleText(found)}`]),
    ...(replay === null ? [] : [`replayed  ${replay.at}, ${replayText(replay)}`]),
    `record    ${plural(bytes, 'byte', 'bytes')}${letter.truncated ? `, the first ${count(raw.length)} of them kept` : ''}`,
    ...(header === undefined ? [] : [`header    ${visibleText(header.slice(0, RAW_SHOWN_CHARACTERS))}`]),
    ...(schema === undefined ? [] : [`schema    ${visibleText(schema.slice(0, RAW_SHOWN_CHARACTERS))}`]),
    '',
    visibleText(text.slice(0, RAW_SHOWN_CHARACTERS)),
    ...(text.length > RAW_SHOWN_CHARACTERS
      ? [`… and ${count(text.length - RAW_SHOWN_CHARACTERS)} characters more are kept`]
      : []),
  ]
  return `${lines.join('\n')}\n`
}

async function exportAll(options: DeadLetterPlace & { readonly out: string }, context: CliContext): Promise<void> {
  requireFolderOf(options.out)
  const views = await openViews(options, context)
  const view = chosenView(views, options)
  const file = openSync(options.out, 'w')
  let written = 0
  try {
    for (let from: number | null = 0; from !== null; ) {
      const page: DeadLetterPage = await view.page(from, PAGE)
      const open = page.deadLetters.filter(({ replay }) => replay === null)
      writeSync(file, open.map((letter) => `${JSON.stringify(letter)}\n`).join(''))
      written += open.length
      from = page.next
      if (context.terminal.interactive) context.terminal.progress(`${count(written)} records`)
    }
  } finally {
    closeSync(file)
    context.terminal.progress('')
  }
  for (const each of views) await each.close()
  context.terminal.note(`wrote ${plural(written, 'rejected record', 'rejected records')} to ${options.out}\n`)
}
