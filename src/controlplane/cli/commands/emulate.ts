import { type Command, Option } from 'commander'
import type { Source } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type SourceNode, streamsOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { emulate } from '#services/emulation/emulate.ts'
import type { Fault } from '#services/emulation/fault-injector.ts'
import { Feed, type FeedSpec } from '#services/emulation/feed.ts'
import { Patience } from '#services/emulation/patience.ts'
import { type FeedIdentity, feedRunId } from '#services/emulation/run-id.ts'
import type { Platform } from '#services/runs/platform.ts'
import { HttpRecordReceiver } from '../../client/http-record-receiver.ts'
import { PlatformClient, type PlatformPlace } from '../../client/platform-client.ts'
import { DEFAULT_DATA_FOLDER } from '../../client/platform-file.ts'
import type { CliContext } from '../context.ts'
import { collectFault, type PaceOptions, positiveNumber, rate, scheduleOf } from '../emulation-options.ts'
import { duration, localDate, notEmpty, positiveWholeNumber, share, wholeNumber } from '../option-values.ts'
import { EmulationProgressLine, type EmulationSummary, summaryJson, summaryText } from '../output/emulation-output.ts'
import { chosenSample, type SampleChoice } from '../sample-choice.ts'

interface EmulateOptions extends PaceOptions, PlatformPlace, Omit<SampleChoice, 'faults'> {
  readonly stream?: string
  readonly input?: readonly string[]
  readonly sampleFaults?: number
  readonly chunk: number
  readonly dropIncomplete?: boolean
  readonly sort: boolean
  readonly fault?: readonly Fault[]
  readonly faultFrom: number
  readonly faultTo?: number
  readonly again?: boolean
  readonly wait: number
  readonly json?: boolean
}

const CHUNK_RECORDS = 1000
const FAULT_SEED_DEFAULT = 1

const EXAMPLES = `
Faults (share of records by default): null-rows (0.01), wrong-columns (1), late (0.01), future (0.01), duplicates (0.01), out-of-order (0.1)

Examples, with a platform running (mysimbdp start examples/chicago-taxi):
  mysimbdp emulate examples/chicago-taxi                                            the generated day, 60 times as fast as it happened
  mysimbdp emulate examples/chicago-taxi --input trips.csv.gz --rate max            an export of the city's portal, as fast as the platform takes it
  mysimbdp emulate examples/chicago-taxi --input trips.csv.gz --event-time arrival --rate 10/s    ten trips a second, as if each happened now
  mysimbdp emulate examples/chicago-taxi --rate 360/s --fault late=0.05 --fault duplicates        a feed that is not well
  mysimbdp emulate examples/chicago-taxi --rate 360/s --fault wrong-columns --fault-from 10000 --fault-to 20000

The same command goes on where an interrupted one stopped; a feed that was sent to its end is sent once more with --again.
`

export function addEmulateCommand(program: Command, context: CliContext): void {
  program
    .command('emulate')
    .argument('<app>', 'folder of an app, or its file')
    .description("send files, or an app's generated sample, to a running platform as if they happened")
    .option('--stream <name>', 'the stream, when the app has several')
    .option(
      '--input <file>',
      'NDJSON, CSV or Avro file, plain or gzip; may be repeated; else the generated sample',
      collect,
    )
    .addOption(
      new Option('--event-time <which>', "the input's event time, or the moment of sending")
        .choices(['column', 'arrival'])
        .default('column'),
    )
    .option(
      '--rate <rate>',
      'like 10/s or 600/min, max, or as-event-time (default: as-event-time; with --event-time arrival 10/s)',
      rate,
    )
    .option('--speed <n>', 'seconds of event time in a second, with --rate as-event-time (default: 60)', positiveNumber)
    .option('--longest-pause <duration>', 'cut longer stretches without records (default: 1 minute)', duration)
    .option('--allow-future', 'send records before their event time has come')
    .option('--chunk <n>', 'records in a request at most', positiveWholeNumber, CHUNK_RECORDS)
    .option('--drop-incomplete', 'leave out records in which any field is null')
    .option('--no-sort', 'send files in their own order instead of that of event time')
    .option('--fault <kind=share>', 'spoil this share of the records; may be repeated', collectFault)
    .option('--fault-from <n>', 'spoil from this record on, counted from 0', wholeNumber, 0)
    .option('--fault-to <n>', 'spoil no record from this one on', wholeNumber)
    .option('--seed <n>', 'seed of the faults and of the generated sample', wholeNumber)
    .option('--records <n>', 'records of the generated sample, besides the faulty ones planted in it', wholeNumber)
    .option('--date <date>', 'local date of the generated sample, YYYY-MM-DD', localDate)
    .option('--sample-faults <share>', 'share of faulty records planted in the sample, 0 to 1', share)
    .option('--again', 'send a feed once more that was sent to its end before')
    .addOption(
      new Option('--wait <duration>', 'how long the platform may be away')
        .default(60_000, '1 minute')
        .argParser(duration),
    )
    .option('--url <url>', 'where the platform is, as it printed it', notEmpty)
    .option('--data <folder>', 'data folder of the platform, to find it', notEmpty, DEFAULT_DATA_FOLDER)
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', EXAMPLES)
    .action((path: string, options: EmulateOptions) => run(path, options, context))
}

const collect = (path: string, collected: readonly string[] = []): readonly string[] => [...collected, notEmpty(path)]

async function run(path: string, options: EmulateOptions, context: CliContext): Promise<void> {
  const { terminal, clock, beforeKilled } = context
  const schedule = scheduleOf(options, clock)
  const app = await loadApp(path)
  const source = streamOf(app, options.stream)
  const spec = await feedOf(app, source, options, context)
  const feed = new Feed({ ...spec, onSorting: (records) => line.sorting(records) })
  const line = new EmulationProgressLine(terminal, clock, feed, app.plan.timeZone)
  const leave = beforeKilled(() => {
    terminal.progress('')
    terminal.note('stopped; the same command goes on from here\n')
  })
  try {
    const report = await emulate({
      feed,
      runId: await feedRunId(spec),
      receiver: new HttpRecordReceiver(options, app.plan.name, source.stream),
      schedule,
      chunkRecords: options.chunk,
      eventTime: source.eventTime,
      eventTimeChoice: options.eventTime,
      again: options.again === true,
      clock,
      patience: new Patience({ clock, limitMs: options.wait, onAway: (error) => line.away(error) }),
      onProgress: (progress) => line.sending(progress),
    })
    const { seconds } = line
    const rejections = report.rejected === 0 ? [] : await rejectionSentences(options, app.plan.name)
    printSummary({ ...report, stream: source.stream, leftOut: feed.leftOut, seconds, rejections }, options, context)
  } finally {
    leave()
    feed.close()
  }
}

function streamOf(app: App, named: string | undefined): SourceNode {
  const streams = streamsOf(app.plan)
  if (named === undefined && streams.size > 1)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `app '${app.plan.name}' has several streams; choose one with --stream ${[...streams.keys()].join(' | ')}`,
    )
  const source = named === undefined ? [...streams.values()][0] : streams.get(named)
  if (source === undefined)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `app '${app.plan.name}' has no stream '${named}'; it has ${[...streams.keys()].join(', ')}`,
    )
  return source
}

async function feedOf(
  app: App,
  { stream, schema, eventTime, timeZone }: SourceNode,
  options: EmulateOptions,
  { platform }: CliContext,
): Promise<FeedSpec & FeedIdentity> {
  return {
    sources: await openSources(app, stream, options, platform),
    decoderOf: ({ format }) => platform.createDecoder(app, stream, format),
    stream,
    schema,
    eventTime,
    timeZone,
    csvFormats: app.streams[stream]!.csvFormats,
    eventTimeChoice: options.eventTime,
    dropIncomplete: options.dropIncomplete === true,
    // A sample comes in the order of arrival, which its app chose; and what happens now has no other order than the file's.
    sort: options.sort && options.eventTime === 'column' && options.input !== undefined,
    faults: {
      faults: options.fault ?? [],
      seed: options.seed ?? FAULT_SEED_DEFAULT,
      from: options.faultFrom,
      to: options.faultTo ?? Number.POSITIVE_INFINITY,
    },
  }
}

async function openSources(
  app: App,
  stream: string,
  options: EmulateOptions,
  platform: Platform,
): Promise<readonly Source[]> {
  const { input, records, date, sampleFaults } = options
  if (input === undefined) {
    const { sample } = app.streams[stream]!
    if (sample === null)
      throw new MysimbdpError(
        'MSB_CLI_USAGE',
        `stream '${stream}' has no generated sample; give a file with --input <file>`,
      )
    return [
      platform.openSample(
        stream,
        sample,
        chosenSample(sample, { ...options, ...(sampleFaults !== undefined && { faults: sampleFaults }) }),
      ),
    ]
  }
  if (records !== undefined || date !== undefined || sampleFaults !== undefined)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      '--records, --date and --sample-faults belong to the generated sample, and there is an --input',
    )
  return Promise.all(input.map((path) => platform.openFile(path)))
}

/** What the platform's health says about rejected records of the app; nothing when it cannot be asked any more. */
async function rejectionSentences(place: PlatformPlace, app: string): Promise<readonly string[]> {
  try {
    const response = await PlatformClient.find(place).ask('/health')
    const health = (await response.json()) as {
      readonly apps?: readonly { readonly app: string; readonly sentences?: readonly string[] }[]
    }
    const sentences = health.apps?.find((one) => one.app === app)?.sentences ?? []
    return sentences.filter((sentence) => sentence.includes('rejected'))
  } catch {
    return []
  }
}

function printSummary(summary: EmulationSummary, { json }: EmulateOptions, { terminal }: CliContext): void {
  terminal.progress('')
  terminal.note(summaryText(summary))
  if (json === true) terminal.out(summaryJson(summary))
}
