import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { byteSize } from '#foundation/size/byte-size.ts'
import { loadConfiguration } from '#services/configuration/load-configuration.ts'
import { examineConnections } from '#services/doctor/examine-connections.ts'
import { examineFolder, type FolderExaminations } from '#services/doctor/examine-folder.ts'
import { defaultThresholds } from '#services/health/thresholds.ts'
import type { HealthDocument } from '../../api/routes/health.ts'
import type { PlatformDocument } from '../../api/routes/platform.ts'
import { PlatformClient, type PlatformPlace } from '../../client/platform-client.ts'
import { version } from '../../version.ts'
import { configOption } from '../config-option.ts'
import type { CliContext } from '../context.ts'
import { connectionsText, examinationsText, platformText } from '../output/doctor-text.ts'
import { addPlatformOptions } from '../platform-options.ts'
import type { Terminal } from '../terminal.ts'

interface DoctorOptions extends PlatformPlace {
  readonly data: string
  readonly config?: string
  readonly json?: boolean
  readonly diskReserve: number
}

const EXAMPLES = `
Examples:
  mysimbdp doctor                                  the platform on ./data/live, or, when none runs, that folder
  mysimbdp doctor --url http://127.0.0.1:7077      a platform by its address
  mysimbdp doctor --config platform.json           each connection of a configuration too: before a platform is started, or when it is not well
  mysimbdp doctor --json | jq .health.status       for scripts

Where a configuration names servers, each of them is tested: reach, authentication, what the platform needs to do there. No topic or table is created.

The exit code is 0 when all is well, and 3 when something is wrong. Without a configuration it is 3 as well when no platform was found.
`

export function addDoctorCommand(program: Command, context: CliContext): void {
  addPlatformOptions(
    program
      .command('doctor')
      .description('say how a running platform is and what to do, test connections, or examine a data folder'),
  )
    .addOption(configOption())
    .addOption(
      new Option('--disk-reserve <size>', 'free space the disk of a data folder must have')
        .argParser(byteSize)
        .default(defaultThresholds.diskReserveBytes, '1 GiB'),
    )
    .option('--json', 'as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action((options: DoctorOptions) => doctor(options, context))
}

/** What was found out, part by part, as the JSON document has it; and how many things are wrong. */
interface Diagnosis {
  readonly document: object
  readonly text: string
  readonly wrong: number
}

async function doctor(options: DoctorOptions, context: CliContext): Promise<void> {
  const { terminal, variables } = context
  const { config, sources } = await loadConfiguration({ file: options.config, appPaths: [], variables })
  const connections = await examineConnections(await context.serverChecksOf(config))
  const isConfigured = connections.length > 0
  const found = await findPlatform(options)
  const diagnosis =
    found instanceof MysimbdpError
      ? await diagnoseFolder(options, isConfigured, context)
      : await diagnosePlatform(found, terminal)
  if (options.json === true) {
    const document = { ...(isConfigured && { configuredBy: sources, connections }), ...diagnosis.document }
    terminal.out(`${JSON.stringify(document, null, 2)}\n`)
  } else terminal.out(`${isConfigured ? connectionsText(sources, connections, terminal) : ''}${diagnosis.text}`)
  const wrong = connections.filter(({ isWell }) => !isWell).length + diagnosis.wrong
  if (found instanceof MysimbdpError && !isConfigured) throw found
  if (wrong > 0)
    throw new MysimbdpError('MSB_NOT_WELL', `${wrong} ${wrong === 1 ? 'thing needs' : 'things need'} attention`)
}

interface FoundPlatform {
  readonly client: PlatformClient
  readonly platform: PlatformDocument
}

/** The platform, or why there is none. @throws where one was named that does not answer */
async function findPlatform(options: DoctorOptions): Promise<FoundPlatform | MysimbdpError> {
  try {
    const client = PlatformClient.find(options)
    return { client, platform: await client.get<PlatformDocument>('/v1/platform') }
  } catch (error) {
    const isMissing = error instanceof MysimbdpError && error.code === 'MSB_PLATFORM_NOT_FOUND'
    if (!isMissing || options.url !== undefined) throw error
    return new MysimbdpError('MSB_PLATFORM_NOT_FOUND', `${error.message}; the folder was examined instead`, {
      hint: `\`mysimbdp start --data ${options.data}\` starts one; --url or --data name another.`,
    })
  }
}

async function diagnosePlatform({ client, platform }: FoundPlatform, terminal: Terminal): Promise<Diagnosis> {
  // What is wrong is an answer with status 503.
  const health = (await (await client.ask('/health')).json()) as HealthDocument
  const { url } = client
  return {
    document: { url, health, platform },
    text: platformText(url, health, platform, terminal),
    wrong: [health, ...health.apps].reduce((sum, { findings }) => sum + findings.length, 0),
  }
}

/** No platform runs. Where servers are configured one may be about to be started: a folder is not needed then. */
async function diagnoseFolder(
  { data, diskReserve }: DoctorOptions,
  isConfigured: boolean,
  { platform, terminal }: CliContext,
): Promise<Diagnosis> {
  const versions = { version, node: process.versions.node }
  const hasFolder = existsSync(data)
  const examined: FolderExaminations =
    isConfigured && !hasFolder
      ? { examinations: [], apps: [] }
      : await examineFolder(data, isConfigured ? null : platform, diskReserve)
  const all = [...examined.examinations, ...examined.apps.flatMap(({ examinations }) => examinations)]
  return {
    document: { ...versions, folder: data, ...examined },
    text: examinationsText(versions, examined, terminal),
    wrong: all.filter(({ isWell }) => !isWell).length,
  }
}
