import type { Command } from 'commander'
import type { DeadLetter, StreamReader } from '#dataplane/brokers/broker.ts'
import { rejectionCodes } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../option-values.ts'
import { count, plural } from '../output/progress-line.ts'
import { newTable } from '../output/table.ts'
import { visibleText } from '../output/visible-text.ts'

interface ListOptions {
  readonly data: string
  readonly limit: number
}

const RAW_SHOWN_BYTES = 100_000

export function addDeadLettersCommand(program: Command, context: CliContext): void {
  const command = program.command('dead-letters').description('records that were rejected, kept with their reason')
  command
    .command('list')
    .description('list rejected records')
    .requiredOption('--data <folder>', 'folder of a run')
    .option('--limit <n>', 'at most so many of each stream', wholeNumber, 50)
    .action((options: ListOptions) => list(options, context))
  command
    .command('show')
    .argument('<offset>', 'offset of the record, as in the list', wholeNumber)
    .description('show one rejected record: why, and its raw bytes')
    .requiredOption('--data <folder>', 'folder of a run')
    .option('--topic <name>', 'the log, when the folder holds several')
    .action((offset: number, options: { data: string; topic?: string }) => show(offset, options, context))
}

async function list({ data, limit }: ListOptions, { platform, terminal }: CliContext): Promise<void> {
  for (const reader of await platform.openLogReaders(data)) {
    const counts = await reader.deadLetterCounts(0)
    const total = counts.reduce((sum, row) => sum + row.count, 0)
    terminal.out(
      `${terminal.style('bold', reader.spec.topic)}: ${plural(total, 'rejected record', 'rejected records')}\n`,
    )
    const letters = await reader.deadLetters(0, { limit })
    if (letters.length > 0) terminal.out(`${tableOf(letters)}\n`)
    if (total > letters.length) terminal.out(`  … and ${count(total - letters.length)} more; --limit shows more\n`)
    await reader.close()
  }
}

function tableOf(letters: readonly DeadLetter[]): string {
  const table = newTable(
    ['offset', 'reason', 'field', 'expected', 'found', 'bytes'],
    ['right', 'left', 'left', 'left', 'left', 'right'],
  )
  for (const { offset, rejection, rawLength } of letters) {
    table.push([
      offset,
      rejectionCodes[rejection.code],
      rejection.field ?? '',
      rejection.expected ?? '',
      visibleText(rejection.found ?? ''),
      count(rawLength),
    ])
  }
  return table.toString()
}

async function show(
  offset: number,
  options: { readonly data: string; readonly topic?: string },
  { platform, terminal }: CliContext,
): Promise<void> {
  const readers = await platform.openLogReaders(options.data)
  terminal.out(await describe(chosenLog(readers, options.topic), offset))
  for (const each of readers) await each.close()
}

function chosenLog(readers: readonly StreamReader[], topic: string | undefined): StreamReader {
  const topics = readers.map(({ spec }) => spec.topic)
  if (topic === undefined && readers.length > 1)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `the folder holds several logs; choose one with --topic ${topics.join(' | ')}`,
    )
  const reader = topic === undefined ? readers[0] : readers.find(({ spec }) => spec.topic === topic)
  if (reader === undefined)
    throw new MysimbdpError('MSB_CLI_USAGE', `the folder holds no log '${topic}'; it holds ${topics.join(', ')}`)
  return reader
}

async function describe(reader: StreamReader, offset: number): Promise<string> {
  const [letter] = await reader.deadLetters(0, { fromOffset: offset, limit: 1 })
  if (letter === undefined || letter.offset !== offset)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `there is no rejected record at offset ${offset} of '${reader.spec.topic}'; \`dead-letters list\` names them`,
    )
  const { rejection, raw, rawLength, arrivalMs } = letter
  const lines = [
    `offset    ${offset} of ${reader.spec.topic}, partition ${letter.partition}`,
    `arrived   ${new Date(arrivalMs).toISOString()}`,
    `reason    ${rejectionCodes[rejection.code]} (${rejection.code})`,
    ...(rejection.field === null ? [] : [`field     ${rejection.field}`]),
    ...(rejection.expected === null ? [] : [`expected  ${rejection.expected}`]),
    ...(rejection.found === null ? [] : [`found     ${visibleText(rejection.found)}`]),
    `record    ${plural(rawLength, 'byte', 'bytes')}${raw.length < rawLength ? `, the first ${count(raw.length)} of them kept` : ''}`,
    '',
    visibleText(Buffer.from(raw.subarray(0, RAW_SHOWN_BYTES)).toString('utf8')),
    ...(raw.length > RAW_SHOWN_BYTES ? [`… and ${count(raw.length - RAW_SHOWN_BYTES)} bytes more are kept`] : []),
  ]
  return `${lines.join('\n')}\n`
}
