import { type Command, Option } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { byteSize } from '#foundation/size/byte-size.ts'
import type { App } from '#language/query/app.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { HttpRegistry } from '#services/catalog/http-registry.ts'
import { defaultThresholds } from '#services/health/thresholds.ts'
import type { DeploymentReport } from '#services/live/deployment-report.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { replaySample } from '#services/live/sample-replay.ts'
import { EMBEDDED_CONFIG, readPlatformConfig } from '#services/runs/platform-config.ts'
import { startServer } from '../../api/server.ts'
import {
  DEFAULT_DATA_FOLDER,
  readPlatformFile,
  removePlatformFile,
  writePlatformFile,
} from '../../client/platform-file.ts'
import type { CliContext } from '../context.ts'
import { addDeploymentOptions, choiceOf, type DeploymentOptions } from '../deployment-options.ts'
import { portNumber, wholeNumber } from '../option-values.ts'
import { deploymentText } from '../output/deployment-text.ts'
import { errorText } from '../output/error-text.ts'

interface StartOptions extends DeploymentOptions {
  readonly data: string
  readonly config?: string
  readonly port?: number
  readonly replay?: boolean
  readonly speed: number
  readonly logLimit?: number
  readonly maxRequestSize: number
  readonly diskReserve: number
}

const DEFAULT_PORT = 7077

const EXAMPLES = `
Examples:
  mysimbdp start                                                 whatever was deployed in ./data/live
  mysimbdp start examples/chicago-taxi --replay                  with generated trips arriving, a day in 24 minutes
  mysimbdp start examples/chicago-taxi examples/earthquakes      two tenants

Then, in another terminal:
  mysimbdp jobs
  mysimbdp deploy examples/earthquakes
  curl -X POST --data-binary @trips.ndjson -H 'content-type: application/x-ndjson' http://127.0.0.1:${DEFAULT_PORT}/v1/apps/tenantstreamapp/streams/ingestData/records
`

export function addStartCommand(program: Command, context: CliContext): void {
  const command = program
    .command('start')
    .argument('[app...]', 'apps to deploy first: folders, or their files')
    .description('run the platform on this machine: ingest over HTTP, results as they happen, a live page')
    .option('--data <folder>', 'where apps, logs and state are kept', DEFAULT_DATA_FOLDER)
    .option(
      '--config <file>',
      'where records and results live, as JSON: Kafka, Cassandra; all on this machine when absent',
    )
    .option('--port <n>', `port on 127.0.0.1; 0 for any free one (default: ${DEFAULT_PORT}, or a free one)`, portNumber)
    .option('--replay', 'let the generated sample of the first app arrive')
    .option('--speed <n>', 'seconds of event time in a second of the replay', wholeNumber, 60)
    .option('--log-limit <size>', 'what the log of each stream may take; none by default', byteSize)
    .addOption(
      new Option('--max-request-size <size>', 'records that one request may bring')
        .argParser(byteSize)
        .default(byteSize('1 GiB'), '1 GiB'),
    )
    .addOption(
      new Option('--disk-reserve <size>', 'free space below which health says that the disk is nearly full')
        .argParser(byteSize)
        .default(defaultThresholds.diskReserveBytes, '1 GiB'),
    )
  addDeploymentOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], options: StartOptions) => start(paths, options, context))
}

async function start(paths: readonly string[], options: StartOptions, context: CliContext): Promise<void> {
  const { clock, threadEntry: entry, terminal } = context
  const config = options.config === undefined ? EMBEDDED_CONFIG : readPlatformConfig(options.config)
  const apps: App[] = []
  for (const path of paths) apps.push(await loadApp(path))
  const platform = await openPlatform(options.data, {
    platform: await context.platformOf(config),
    config,
    ...(config.schemaRegistry !== null && { schemaRegistry: new HttpRegistry(config.schemaRegistry) }),
    clock,
    entry,
    logBytesMax: options.logLimit ?? null,
  })
  try {
    for (const app of apps) await deploy(platform, app, options, context)
    const server = await listen(platform, options)
    writePlatformFile(options.data, { url: server.url, pid: process.pid })
    terminal.out(welcome(server.url, platform, options))
    await untilStopped(platform, apps, options, context)
    removePlatformFile(options.data)
    await server.close()
  } finally {
    await platform.close()
  }
}

async function openPlatform(data: string, context: Parameters<typeof LivePlatform.open>[1]): Promise<LivePlatform> {
  try {
    return await LivePlatform.open(data, context)
  } catch (error) {
    const url = readPlatformFile(data)?.url
    if (!(error instanceof MysimbdpError) || error.code !== 'MSB_DATA_FOLDER_LOCKED' || url === undefined) throw error
    throw new MysimbdpError('MSB_DATA_FOLDER_LOCKED', `a platform runs on the data folder '${data}' already: ${url}`, {
      cause: error,
      hint: 'Use that one (`mysimbdp deploy <app>` adds an app to it), stop it, or give this one another folder with --data.',
    })
  }
}

async function deploy(
  platform: LivePlatform,
  app: App,
  options: DeploymentOptions,
  { terminal }: CliContext,
): Promise<void> {
  const report = await deployUnlessInStandby(platform, app, options, terminal)
  if (report === null) return
  const sameAsBefore = report.unchanged.length === app.plan.queries.length
  if (!report.isNew && !sameAsBefore) terminal.note(deploymentText(report, { dryRun: false }))
}

/** An instance that stands by with another version starts all the same: null, and a word about it. */
async function deployUnlessInStandby(
  platform: LivePlatform,
  app: App,
  options: DeploymentOptions,
  terminal: CliContext['terminal'],
): Promise<DeploymentReport | null> {
  try {
    return await platform.deploy(app, choiceOf(options))
  } catch (error) {
    if (!(error instanceof MysimbdpError) || error.code !== 'MSB_STANDBY') throw error
    terminal.note(`${error.message}; it has another version there, which this one will run when it takes over.`)
    return null
  }
}

/** The port that was asked for, or the usual one, or, where that is taken, any. */
async function listen(platform: LivePlatform, { port, maxRequestSize, diskReserve }: StartOptions) {
  const options = { limits: { requestBytesMax: maxRequestSize }, thresholds: { diskReserveBytes: diskReserve } }
  try {
    return await startServer(platform, { port: port ?? DEFAULT_PORT, ...options })
  } catch (error) {
    if (port !== undefined || !(error instanceof MysimbdpError) || error.code !== 'MSB_PORT_TAKEN') throw error
    return startServer(platform, { port: 0, ...options })
  }
}

async function untilStopped(
  platform: LivePlatform,
  [first]: readonly App[],
  { replay, speed }: StartOptions,
  { clock, terminal, untilStopped: stopped }: CliContext,
): Promise<void> {
  const live = platform.apps.get(first?.plan.name ?? '')
  const [stream, extras] = Object.entries(first?.streams ?? {})[0] ?? []
  if (replay !== true || live === undefined || extras?.sample == null) return stopped()
  const stop = new AbortController()
  const { sample } = extras
  const replaying = replaySample({
    live,
    stream: stream!,
    sample,
    speed,
    platform: platform.context.platform,
    clock,
    signal: stop.signal,
  }).catch((error: unknown) => {
    // The records of one tenant have stopped coming; the platform, and all others on it, go on.
    if (!stop.signal.aborted) terminal.note(`The replay has ended.\n${errorText(error, terminal)}`)
  })
  await stopped()
  stop.abort()
  await replaying
}

function welcome(url: string, { apps, broken }: LivePlatform, { data }: StartOptions): string {
  const names = [...apps.keys()]
  const place = data === DEFAULT_DATA_FOLDER ? '' : ` --data ${data}`
  const app = names[0] ?? '<app>'
  return `
mysimbdp is running. The live page: ${url}
${names.map((name) => `  app ${name}: job ${apps.get(name)!.job.state}\n`).join('')}${broken.map(({ name, error }) => `  app ${name} cannot run: ${error.message}\n`).join('')}
Try in another terminal:
  npx mysimbdp doctor${place}
  npx mysimbdp jobs${place}
  curl -s '${url}/v1/apps/${app}/queries/${apps.get(app)?.app.plan.queries[0]?.name ?? '<query>'}/results?latest=3'

Ctrl-C stops it; the same command goes on where it stopped.
`
}
