import { type Command, Option } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { byteSize } from '#foundation/size/byte-size.ts'
import { examineFolder, type FolderExaminations } from '#services/doctor/examine-folder.ts'
import { defaultThresholds } from '#services/health/thresholds.ts'
import type { HealthDocument } from '../../api/routes/health.ts'
import type { PlatformDocument } from '../../api/routes/platform.ts'
import { PlatformClient, type PlatformPlace } from '../../client/platform-client.ts'
import { version } from '../../version.ts'
import type { CliContext } from '../context.ts'
import { examinationsText, platformText } from '../output/doctor-text.ts'
import { addPlatformOptions } from '../platform-options.ts'

interface DoctorOptions extends PlatformPlace {
  readonly data: string
  readonly json?: boolean
  readonly diskReserve: number
}

const EXAMPLES = `
Examples:
  mysimbdp doctor                                  the platform on ./data/live, or, when none runs, that folder
  mysimbdp doctor --url http://127.0.0.1:7077      a platform by its address
  mysimbdp doctor --json | jq .health.status       for scripts

The exit code is 0 when a platform runs and all is well, and 3 when something is wrong or no platform was found.
`

export function addDoctorCommand(program: Command, context: CliContext): void {
  addPlatformOptions(
    program
      .command('doctor')
      .description('say how a running platform is and what to do, or examine a data folder on which none runs'),
  )
    .addOption(
      new Option('--disk-reserve <size>', 'free space the disk of a data folder must have')
        .argParser(byteSize)
        .default(defaultThresholds.diskReserveBytes, '1 GiB'),
    )
    .option('--json', 'as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action((options: DoctorOptions) => doctor(options, context))
}

async function doctor(options: DoctorOptions, context: CliContext): Promise<void> {
  let client: PlatformClient
  let platform: PlatformDocument
  try {
    client = PlatformClient.find(options)
    platform = await client.get<PlatformDocument>('/v1/platform')
  } catch (error) {
    const isMissing = error instanceof MysimbdpError && error.code === 'MSB_PLATFORM_NOT_FOUND'
    if (!isMissing || options.url !== undefined) throw error
    return examineOffline(error, options, context)
  }
  // What is wrong is an answer with status 503.
  const health = (await (await client.ask('/health')).json()) as HealthDocument
  const { terminal } = context
  const { url } = client
  if (options.json === true) terminal.out(`${JSON.stringify({ url, health, platform }, null, 2)}\n`)
  else terminal.out(platformText(url, health, platform, terminal))
  const count = [health, ...health.apps].reduce((sum, { findings }) => sum + findings.length, 0)
  if (count > 0)
    throw new MysimbdpError(
      'MSB_NOT_WELL',
      `the platform at ${url} is ${health.status}: ${count} ${count === 1 ? 'thing needs' : 'things need'} attention`,
    )
}

/** No platform runs: the folder is examined instead, and that none runs is said last. */
async function examineOffline(
  missing: MysimbdpError,
  { data, json, diskReserve }: DoctorOptions,
  { platform, terminal }: CliContext,
): Promise<void> {
  const examined: FolderExaminations = await examineFolder(data, platform, diskReserve)
  const versions = { version, node: process.versions.node }
  if (json === true) terminal.out(`${JSON.stringify({ ...versions, folder: data, ...examined }, null, 2)}\n`)
  else terminal.out(examinationsText(versions, examined, terminal))
  throw new MysimbdpError('MSB_PLATFORM_NOT_FOUND', `${missing.message}; the folder was examined instead`, {
    hint: `\`mysimbdp start --data ${data}\` starts one; --url or --data name another.`,
  })
}
