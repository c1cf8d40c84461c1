import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { App } from '#language/query/app.ts'
import type { SampleOptions } from '#language/query/stream.ts'
import type { Source } from '#dataplane/sources/source.ts'
import { type RunReport, runBounded, streamsOf } from '#services/runs/bounded-run.ts'
import type { Platform } from '#services/runs/platform.ts'
import type { CliContext } from '../context.ts'
import { loadApp } from '../load-app.ts'
import { ProgressLine } from '../output/progress-line.ts'
import { queryResults } from '../output/query-results.ts'
import { type OutputFormat, writeResult } from '../output/write-result.ts'

interface RunOptions {
  readonly input: readonly InputOption[]
  readonly asStream?: boolean
  readonly format: OutputFormat
  readonly out?: string
  readonly data?: string
  readonly query?: string
  readonly rows: number
  readonly records?: number
  readonly seed?: number
  readonly date?: string
  readonly faults?: number
}

interface InputOption {
  readonly stream: string
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
    .option('--input <stream=file>', 'NDJSON or CSV file of a stream, plain or gzip; may be repeated', collectInput, [])
    .option('--as-stream', 'apply the watermark in file order, so that records can be late')
    .addOption(new Option('--format <format>', 'how results are printed').choices(['table', 'json', 'csv']).default('table'))
    .option('--out <file>', 'write the results to a file')
    .option('--query <name>', 'only the results of this query')
    .option('--rows <n>', 'rows of each query in tables', wholeNumber, 8)
    .option('--data <folder>', 'keep log and state in this folder; an interrupted run goes on from there')
    .addOption(new Option('--records <n>', 'records of the generated sample (also --trips)').argParser(wholeNumber))
    .addOption(new Option('--trips <n>').argParser(wholeNumber).hideHelp())
    .option('--seed <n>', 'seed of the generated sample', wholeNumber)
    .option('--date <date>', 'local date of the generated sample, YYYY-MM-DD')
    .option('--faults <share>', 'share of faulty records planted in the sample, 0 to 1', share)
    .addHelpText('after', EXAMPLES)
    .action((path: string, { trips, ...options }: RunOptions & { trips?: number }) => run(path, trips === undefined ? options : { ...options, records: trips }, context))
}

async function run(path: string, options: RunOptions, context: CliContext): Promise<void> {
  const app = await loadApp(path)
  const inputs = await openInputs(app, options, context.platform)
  const folder = options.data ?? mkdtempSync(join(tmpdir(), 'mysimbdp-run-'))
  try {
    const progress = new ProgressLine(context.terminal, context.clock)
    const report = await runBounded({
      app,
      inputs,
      lateness: options.asStream === true ? 'as-stream' : 'none',
      folder,
      platform: context.platform,
      clock: context.clock,
      onProgress: (step) => progress.show(step),
    })
    const seconds = progress.finish()
    printResults(app, folder, { report, seconds, ...options }, context)
    if (options.format === 'table') context.terminal.note(nextSteps(path, options, report))
  } finally {
    if (options.data === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

function printResults(app: App, folder: string, options: RunOptions & { readonly report: RunReport; readonly seconds: number }, { platform, terminal }: CliContext): void {
  const reader = platform.openResults(folder)
  try {
    writeResult({ inputs: options.report.inputs, queries: queryResults(app.plan, reader, options.query) }, { app, ...options }, terminal)
  } finally {
    reader.close()
  }
}

/** The sources of each stream: the files given, or every stream's generated sample when none is. */
async function openInputs(app: App, options: RunOptions, platform: Platform): Promise<ReadonlyMap<string, readonly Source[]>> {
  const streams = streamsOf(app.plan)
  const inputs = new Map<string, Source[]>()
  for (const { stream, path } of options.input) {
    if (!streams.has(stream)) throw new MysimbdpError('MSB_CLI_USAGE', `app '${app.plan.name}' has no stream '${stream}'; it reads ${[...streams.keys()].join(', ')}`)
    inputs.set(stream, [...(inputs.get(stream) ?? []), await platform.openFile(path)])
  }
  if (inputs.size > 0) return inputs
  for (const stream of streams.keys()) inputs.set(stream, [sampleOf(app, stream, options, platform)])
  return inputs
}

function sampleOf(app: App, stream: string, { records, seed, date, faults }: RunOptions, platform: Platform): Source {
  const { sample } = app.streams[stream]!
  if (sample === null) throw new MysimbdpError('MSB_CLI_USAGE', `stream '${stream}' has no generated sample; give a file with --input ${stream}=<file>`)
  const chosen: SampleOptions = {
    ...sample.defaults,
    ...(records !== undefined && { records }),
    ...(seed !== undefined && { seed }),
    ...(date !== undefined && { date }),
    ...(faults !== undefined && { faults }),
  }
  return platform.openSample(stream, sample, chosen)
}

function nextSteps(path: string, options: RunOptions, report: RunReport): string {
  const rejected = Object.values(report.inputs).some((input) => input.rejected > 0)
  const steps = [
    ['all rows as one document', `npx mysimbdp run ${path} --format json --out results.json`],
    ['what the queries mean', `npx mysimbdp explain ${path}`],
    ...(options.data === undefined ? [['keep log, state and dead letters', `npx mysimbdp run ${path} --data ./data/try`]] : []),
    ...(rejected ? [['look at rejected records', `npx mysimbdp dead-letters list --data ${options.data ?? './data/try'}`]] : []),
    ...(options.input.length === 0 ? [['your own file', `npx mysimbdp run ${path} --input <stream>=<file>`]] : []),
  ]
  const width = Math.max(...steps.map(([what]) => what!.length))
  return `\nTry next\n${steps.map(([what, command]) => `  ${what!.padEnd(width)}  ${command}`).join('\n')}\n`
}

function collectInput(text: string, collected: readonly InputOption[]): readonly InputOption[] {
  const split = text.indexOf('=')
  if (split < 1) throw new InvalidArgumentError('Write it as <stream>=<file>.')
  return [...collected, { stream: text.slice(0, split), path: text.slice(split + 1) }]
}

function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

function share(text: string): number {
  const value = Number(text)
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be a number from 0 to 1.')
  return value
}
