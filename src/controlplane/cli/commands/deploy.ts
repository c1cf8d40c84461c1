import type { Command } from 'commander'
import { appToJson } from '#services/apps/app-document.ts'
import { loadApp } from '#services/apps/load-app.ts'
import type { DeploymentReport } from '#services/live/deployment-report.ts'
import { PlatformClient, type PlatformPlace } from '../../client/platform-client.ts'
import type { CliContext } from '../context.ts'
import { addDeploymentOptions, choiceOf, type DeploymentOptions } from '../deployment-options.ts'
import { deploymentText } from '../output/deployment-text.ts'
import { whileWorking } from '../output/while-working.ts'
import { addPlatformOptions } from '../platform-options.ts'

interface DeployOptions extends PlatformPlace, DeploymentOptions {
  readonly dryRun?: boolean
}

const EXAMPLES = `
The app is sent as data: its plan, and how its files are read. No code of it runs in the platform.

Examples:
  mysimbdp deploy examples/earthquakes                to the platform that runs on ./data/live
  mysimbdp deploy examples/chicago-taxi --dry-run     what has changed since it was deployed
  mysimbdp deploy examples/chicago-taxi --rebuild     and compute what has changed anew from the log
`

export function addDeployCommand(program: Command, context: CliContext): void {
  const command = program
    .command('deploy')
    .argument('<app>', 'folder of an app, or its file')
    .description('put an app, or another version of it, on a running platform')
    .option('--dry-run', 'only say what it would do')
  addDeploymentOptions(command)
  addPlatformOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((path: string, options: DeployOptions) => deploy(path, options, context))
}

async function deploy(path: string, options: DeployOptions, { terminal, clock }: CliContext): Promise<void> {
  const app = await loadApp(path)
  const client = PlatformClient.find(options)
  const { changed, dropRemoved } = choiceOf(options)
  const query = new URLSearchParams({
    changed,
    dropRemoved: String(dropRemoved),
    dryRun: String(options.dryRun === true),
  })
  const deploying = client.request(`/v1/apps?${query}`, { method: 'POST', body: appToJson(app) })
  const response = await whileWorking('deploying', deploying, { terminal, clock })
  const report = (await response.json()) as DeploymentReport
  terminal.out(deploymentText(report, { dryRun: options.dryRun === true }))
}
