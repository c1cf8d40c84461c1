import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { loadApp } from '#services/apps/load-app.ts'
import { LiveApp } from '#services/live/live-app.ts'
import { replaySample } from '#services/live/sample-replay.ts'
import { startServer } from '../../api/server.ts'
import { DEFAULT_DATA_FOLDER, removePlatformFile, writePlatformFile } from '../../client/platform-file.ts'
import type { CliContext } from '../context.ts'

interface StartOptions {
  readonly data: string
  readonly port: string
  readonly replay?: boolean
  readonly speed: string
}

const EXAMPLES = `
Examples:
  mysimbdp start examples/chicago-taxi --replay                  with generated trips arriving, a day in 24 minutes
  mysimbdp start examples/chicago-taxi examples/earthquakes      two tenants

  curl -X POST --data-binary @trips.ndjson -H 'content-type: application/x-ndjson' http://127.0.0.1:7077/v1/apps/tenantstreamapp/streams/ingestData/records
  curl -N http://127.0.0.1:7077/v1/apps/tenantstreamapp/queries/tripsTotal/live
`

export function addStartCommand(program: Command, context: CliContext): void {
  program
    .command('start')
    .argument('<app...>', 'folders of apps, or their files')
    .description('run apps as a live platform on this machine: ingest over HTTP, results as they happen (a preview)')
    .option('--data <folder>', 'where logs and state are kept', DEFAULT_DATA_FOLDER)
    .option('--port <n>', 'port on 127.0.0.1; 0 for any free one', '7077')
    .option('--replay', 'let the generated sample of the first app arrive')
    .option('--speed <n>', 'seconds of event time in a second of the replay', '60')
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], options: StartOptions) => start(paths, options, context))
}

async function start(
  paths: readonly string[],
  { data, port, replay, speed }: StartOptions,
  context: CliContext,
): Promise<void> {
  const apps = new Map<string, LiveApp>()
  for (const appPath of paths) {
    const live = await startApp(appPath, data, context)
    apps.set(live.app.plan.name, live)
  }
  const server = await startServer({ apps }, Number(port))
  writePlatformFile(data, { url: server.url, pid: process.pid })
  const stop = new AbortController()
  context.terminal.out(
    `mysimbdp is running: ${server.url}\n${[...apps.keys()].map((name) => `  app ${name}\n`).join('')}\nCtrl-C stops it; the same command goes on where it stopped.\n`,
  )
  const [first] = apps.values()
  const replaying =
    replay === true
      ? replaySample({
          live: first!,
          stream: Object.keys(first!.app.streams)[0]!,
          speed: Number(speed),
          platform: context.platform,
          clock: context.clock,
          signal: stop.signal,
        })
      : Promise.resolve()
  await context.untilStopped()
  removePlatformFile(data)
  stop.abort()
  await replaying
  await server.close()
  for (const live of apps.values()) await live.stop()
}

async function startApp(appPath: string, data: string, { platform, clock, threadEntry }: CliContext): Promise<LiveApp> {
  const app = await loadApp(appPath)
  const folder = join(data, app.plan.name)
  mkdirSync(folder, { recursive: true })
  const live = new LiveApp({ app, appPath, folder, platform, clock, entry: threadEntry })
  await live.start()
  return live
}
