import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Source } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { streamsOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { type RunReport, runBounded } from '#services/runs/bounded-run.ts'
import type { Platform } from '#services/runs/platform.ts'
import { rejectionSentence } from '#services/runs/rejection-sentence.ts'
import type { CliContext } from '../context.ts'
import { localDate, notEmpty, requireFolderOf, share, wholeNumber } from '../option-values.ts'
import { ProgressLine } from '../output/progress-line.ts'
import { chosenQueries, queryResults } from '../output/query-results.ts'
import { visibleText } from '../output/visible-text.ts'
import { type OutputFormat, writeResult } from '../output/write-result.ts'
import { aboutTemporaryFolder, openRunData } from '../run-data.ts'
import { chosenSample, type SampleChoice } from '../sample-choice.ts'

interface RunOptions extends SampleChoice {
  readonly input?: readonly InputOption[]
  readonly asStream?: boolean
  readonly format: OutputFormat
  readonly out?: string
  readonly data?: string
  readonly query?: string
  readonly rows: number
  readonly stateMemory?: number
}

interface InputOption {
  /** Null where only a file was given: the app's only stream. */
  readonly stream: string | null
  readonly path: string
}

const EXAMPLES = `
Examples:
  mysimbdp run examples/chicago-taxi                                        over a generated day
  mysimbdp run examples/chicago-taxi --records 150000                       over a generated peak day
  mysimbdp run examples/chicago-taxi --input ingestData=trips.csv.gz        over an export of the city's portal
  mysimbdp run examples/first-query --input readings=examples/first-query/readings.ndjson --format json
  mysimbdp run app.ts --input a=monday.ndjson --input a=tuesday.ndjson --data ./run1    keeps log and state; the same command goes on after a crash
`

export function addRunCommand(program: Command, context: CliContext): void {
  program
    .command('run')
    .argument('<app>', 'folder of an app (with app.ts in it), or its file')
    .description('run an app over files, or over its own generated sample, and print the results')
    .option(
      '--input <stream=file>',
      'NDJSON, CSV or Avro file of a stream, plain or gzip; may be repeated; the stream may be left out when the app has one',
      collectInput,
    )
    .option('--as-stream', 'apply the watermark in file order, so that records can be late')
    .addOption(
      new Option('--format <format>', 'how results are printed').choices(['table', 'json', 'csv']).default('table'),
    )
    .option('--out <file>', 'write the results to a file')
    .option('--query <name>', 'only the results of this query')
    .option('--rows <n>', 'rows of each query in tables', wholeNumber, 8)
    .option(
      '--state-memory <MiB>',
      'memory for the groups of open windows; what does not fit is kept on the disk meanwhile (default: 32)',
      wholeNumber,
    )
    .option('--data <folder>', 'keep log and state in this folder; an interrupted run goes on from there', notEmpty)
    .addOption(
      new Option('--records <n>', 'records of the generated sample, besides the faulty ones planted in it').argParser(
        wholeNumber,
      ),
    )
    .addOption(new Option('--trips <n>').argParser(wholeNumber).hideHelp())
    .option('--seed <n>', 'seed of the generated sample', wholeNumber)
    .option('--date <date>', 'local date of the generated sample, YYYY-MM-DD', localDate)
    .option('--faults <share>', 'share of faulty records planted in the sample, 0 to 1', share)
    .addHelpText('after', EXAMPLES)
    .action((path: string, { trips, ...options }: RunOptions & { trips?: number }) =>
      run(path, trips === undefined ? options : { ...options, records: trips }, context),
    )
}

async function run(path: string, options: RunOptions, context: CliContext): Promise<void> {
  const app = await loadApp(path)
  requireConsistent(app, options)
  const inputs = await openInputs(app, options, context.platform)
  const { folder, leave } = openRunData(options.data, context)
  try {
    const progress = new ProgressLine(context.terminal, context.clock)
    const report = await runBounded({
      app,
      inputs,
      lateness: options.asStream === true ? 'as-stream' : 'none',
      folder,
      kept: options.data !== undefined,
      platform: context.platform,
      clock: context.clock,
      ...(options.stateMemory !== undefined && { stateMemoryBytes: options.stateMemory * 2 ** 20 }),
      onProgress: (step) => progress.show(step),
    })
    const seconds = progress.finish()
    printResults(app, folder, { report, seconds, ...options }, context)
    context.terminal.note(warnings(report))
    if (options.format === 'table') context.terminal.note(nextSteps(path, app, options, report))
  } catch (error) {
    throw options.data === undefined ? aboutTemporaryFolder(error, folder) : error
  } finally {
    leave()
  }
}

/** What can be known to be wrong before anything is read. */
function requireConsistent(app: App, options: RunOptions): void {
  const queries = chosenQueries(app.plan, options.query)
  if (options.format === 'csv' && queries.length > 1) {
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `CSV holds the rows of one query, and this app has ${queries.length}; choose one with --query ${queries.map(({ name }) => name).join(' | ')}`,
    )
  }
  const ofSample = (['records', 'seed', 'date', 'faults'] as const).filter((name) => options[name] !== undefined)
  if (options.input !== undefined && ofSample.length > 0)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `--${ofSample.join(', --')} belong to the generated sample, and there is an --input`,
    )
  if (options.out !== undefined) requireFolderOf(options.out)
}

/** What must not be overlooked, whatever the format: an alarming share of rejected records, or no records at all. */
function warnings({ inputs, rejections }: RunReport): string {
  return Object.entries(inputs)
    .map(([stream, { read, rejected }]) => {
      if (read === 0) return `\nwarning: the input of ${stream} holds no records\n`
      const main = [...(rejections[stream] ?? [])].sort((a, b) => b.count - a.count)[0]
      const mainReason =
        main === undefined
          ? null
          : { code: main.code, field: main.field, expected: main.expected, found: main.example.found }
      const sentence = rejectionSentence(stream, { received: read, rejected, mainReason })
      return sentence === null ? '' : `\nwarning: ${visibleText(sentence)}\n`
    })
    .join('')
}

function printResults(
  app: App,
  folder: string,
  options: RunOptions & { readonly report: RunReport; readonly seconds: number },
  { platform, terminal }: CliContext,
): void {
  const reader = platform.openResults(folder)
  try {
    writeResult(
      { inputs: options.report.inputs, queries: queryResults(chosenQueries(app.plan, options.query), reader) },
      { app, ...options },
      terminal,
    )
  } finally {
    reader.close()
  }
}

/** The sources of each stream: the files given, or every stream's generated sample when none is. */
async function openInputs(
  app: App,
  options: RunOptions,
  platform: Platform,
): Promise<ReadonlyMap<string, readonly Source[]>> {
  const streams = streamsOf(app.plan)
  const inputs = new Map<string, Source[]>()
  for (const { stream: named, path } of options.input ?? []) {
    const stream = named ?? onlyStream(app, path)
    if (!streams.has(stream))
      throw new MysimbdpError(
        'MSB_CLI_USAGE',
        `app '${app.plan.name}' has no stream '${stream}'; it reads ${[...streams.keys()].join(', ')}`,
      )
    inputs.set(stream, [...(inputs.get(stream) ?? []), await platform.openFile(path)])
  }
  if (inputs.size > 0) return inputs
  for (const stream of streams.keys()) inputs.set(stream, [sampleOf(app, stream, options, platform)])
  return inputs
}

function onlyStream(app: App, path: string): string {
  const [stream, ...others] = Object.keys(app.streams)
  if (others.length > 0)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `app '${app.plan.name}' has several streams; write --input <stream>=${path} with one of ${Object.keys(app.streams).join(', ')}`,
    )
  return stream!
}

function sampleOf(app: App, stream: string, choice: SampleChoice, platform: Platform): Source {
  const { sample } = app.streams[stream]!
  if (sample === null)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `stream '${stream}' has no generated sample; give a file with --input ${stream}=<file>`,
    )
  return platform.openSample(stream, sample, chosenSample(sample, choice))
}

function nextSteps(path: string, app: App, options: RunOptions, report: RunReport): string {
  const inputs = (options.input ?? [])
    .map(({ stream, path: file }) => ` --input ${stream === null ? '' : `${stream}=`}${file}`)
    .join('')
  const run = `npx mysimbdp run ${path}${inputs}${options.asStream === true ? ' --as-stream' : ''}`
  const rejected = Object.values(report.inputs).some((input) => input.rejected > 0)
  const steps = [
    ['all rows as one document', `${run} --format json --out results.json`],
    ['what the queries mean', `npx mysimbdp explain ${path}`],
    ...(options.data === undefined ? [['keep log, state and dead letters', `${run} --data ./data/try`]] : []),
    ...(rejected
      ? [['look at rejected records', `npx mysimbdp dead-letters list --data ${options.data ?? './data/try'}`]]
      : []),
    ...(options.input === undefined
      ? [['your own file', `npx mysimbdp run ${path} --input ${Object.keys(app.streams)[0]}=<file>`]]
      : []),
  ]
  const width = Math.max(...steps.map(([what]) => what!.length))
  return `\nTry next\n${steps.map(([what, command]) => `  ${what!.padEnd(width)}  ${command}`).join('\n')}\n`
}

/** `stream=file`, or a file alone: no stream's name has a slash or a dot. */
function collectInput(text: string, collected: readonly InputOption[] = []): readonly InputOption[] {
  const [, stream = null, path = text] = /^([A-Za-z0-9_]+)=(.*)$/.exec(text) ?? []
  if (path === '') throw new InvalidArgumentError('There is no file in it; write it as <stream>=<file>.')
  return [...collected, { stream, path }]
}
