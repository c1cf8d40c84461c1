import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { rejectionCodes } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { ReplayReport } from '#services/dead-letters/dead-letter-replay.ts'
import type { CliContext } from '../context.ts'
import { type DeadLetterPlace, deadLettersPath, findStreams } from '../dead-letters/dead-letter-view.ts'
import { notEmpty, wholeNumber } from '../option-values.ts'
import { count, plural } from '../output/progress-line.ts'
import { visibleText } from '../output/visible-text.ts'
import { whileWorking } from '../output/while-working.ts'

interface ReplayOptions extends DeadLetterPlace {
  readonly rename?: readonly string[]
  readonly code?: string
  readonly field?: string
  readonly offset?: readonly number[]
  readonly from?: string
  readonly rebuild?: boolean
  readonly dryRun?: boolean
}

const EXAMPLES = `
Without --rebuild the records are appended, arriving now: those whose windows have closed are late, and the command says how many before it
begins. With --rebuild they go where they were rejected, and the queries of the stream are computed anew.

Examples:
  mysimbdp dead-letters replay --app tenantstreamapp --rename 'Fare=fare' --dry-run      what would happen
  mysimbdp dead-letters replay --app tenantstreamapp --rename 'x_*=*' --rebuild          take a prefix away
  mysimbdp dead-letters replay --app tenantstreamapp --code renamed_field --dry-run        only those of one reason
  mysimbdp dead-letters replay --app tenantstreamapp --from bad.ndjson                   as edited after an export
`

const added = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, notEmpty(value)]

export function addReplayCommand(command: Command, context: CliContext): void {
  command
    .command('replay')
    .description('decode rejected records again and bring them back into a running platform')
    .option('--app <name>', 'app of the platform; needed when it runs several')
    .option('--stream <name>', 'the stream, when the app has several')
    .option('--rename <old=new>', 'give fields other names first; * stands for any text; may be repeated', added)
    .option('--from <file>', 'records as edited in a file that `export` wrote; only these are replayed')
    .option('--rebuild', 'put them where they were rejected, and compute the queries anew')
    .option('--dry-run', 'say what would happen, and stop')
    .addOption(
      new Option('--code <reason>', 'only those rejected for this reason').choices(Object.keys(rejectionCodes)),
    )
    .option('--field <name>', 'only those with this field at fault')
    .option('--offset <n...>', 'only these')
    .option('--partition <n>', 'partition of the log, on Kafka', wholeNumber, 0)
    .option('--url <url>', 'where the platform is')
    .option('--data <folder>', 'data folder of the platform, when no URL is given')
    .addHelpText('after', EXAMPLES)
    .action((options: ReplayOptions) => replay(options, context))
}

async function replay(options: ReplayOptions, { terminal, clock }: CliContext): Promise<void> {
  const { client, app, streams } = await findStreams(options)
  if (streams.length > 1)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `app '${app}' has several streams; choose one with --stream ${streams.join(' | ')}`,
    )
  const request = {
    select: {
      partition: options.partition ?? 0,
      ...(options.code !== undefined && { code: options.code }),
      ...(options.field !== undefined && { field: options.field }),
      ...(options.offset !== undefined && { offsets: options.offset.map((text) => wholeNumber(String(text))) }),
    },
    renames: options.rename ?? [],
    records: options.from === undefined ? [] : readRecords(options.from),
    rebuild: options.rebuild === true,
  }
  const path = `${deadLettersPath(app, streams[0]!)}/replay`
  const looking = client.post<ReplayReport>(path, { ...request, dryRun: true })
  const planned = await whileWorking('looking at the rejected records', looking, { terminal, clock })
  terminal.out(planText(planned))
  if (options.dryRun === true || planned.repaired === 0) return
  const replaying = client.post<ReplayReport>(path, { ...request, dryRun: false })
  const done = await whileWorking('bringing them back', replaying, { terminal, clock })
  terminal.out(doneText(done))
}

/** Lines of NDJSON. @throws MSB_INPUT_NOT_FOUND, MSB_REPLAY_INVALID */
function readRecords(path: string): readonly unknown[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new MysimbdpError('MSB_INPUT_NOT_FOUND', `'${path}' cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Give the file that `mysimbdp dead-letters export --out` wrote.',
    })
  }
  const records = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [readLine(line, path, index + 1)]))
  if (records.length === 0) throw new MysimbdpError('MSB_REPLAY_INVALID', `'${path}' holds no records`)
  return records
}

function readLine(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new MysimbdpError(
      'MSB_REPLAY_INVALID',
      `line ${number} of '${path}' is no JSON: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

function planText({ selected, replayedBefore, repaired, stillRejected, late, rebuild, rebuilt }: ReplayReport): string {
  const lines = [
    `${plural(selected, 'rejected record', 'rejected records')}${replayedBefore === 0 ? '' : `, and ${count(replayedBefore)} that were replayed before`}`,
    `  ${count(repaired)} can be read now`,
    ...stillRejected.map(
      (reason) =>
        `  ${plural(reason.count, 'stays', 'stay')} rejected: ${rejectionCodes[reason.code]}${details(reason)}, as at offset ${reason.offset}`,
    ),
  ]
  if (repaired > 0 && rebuild) lines.push(`  ${rebuilt.join(', ')} will be computed anew from the log`)
  for (const [query, records] of Object.entries(late ?? {}))
    if (records > 0)
      lines.push(
        `  ${count(records)} would be late for ${query}; with --rebuild those count that were in time where they were rejected`,
      )
  return `${lines.join('\n')}\n`
}

function details({ field, expected, found }: ReplayReport['stillRejected'][number]): string {
  const parts = [
    field === null ? null : `field '${field}'`,
    expected === null ? null : `expected ${expected}`,
    found === null ? null : `found ${visibleText(found)}`,
  ].filter((part) => part !== null)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

const doneText = ({ repaired, rebuild }: ReplayReport): string =>
  rebuild
    ? `${plural(repaired, 'record is', 'records are')} where they were rejected; the queries are being computed anew\n`
    : `${plural(repaired, 'record was', 'records were')} appended\n`
