import type { Command } from 'commander'
import { loadApp } from '#services/apps/load-app.ts'
import { rebuildRun } from '#services/runs/rebuild-run.ts'
import type { CliContext } from '../context.ts'
import { count } from '../output/progress-line.ts'
import { chosenQueries } from '../output/query-results.ts'

const EXAMPLES = `
Examples:
  mysimbdp rebuild examples/chicago-taxi --data ./run1                       every query, over the records that the run read
  mysimbdp rebuild examples/chicago-taxi --data ./run1 --query tripsTotal

For an app on a running platform: mysimbdp jobs rebuild.
`

interface RebuildOptions {
  readonly data: string
  readonly query?: readonly string[]
}

export function addRebuildCommand(program: Command, context: CliContext): void {
  program
    .command('rebuild')
    .argument('<app>', 'folder of an app, or its file')
    .description('compute queries anew from the log of a run, for example after they changed')
    .requiredOption('--data <folder>', 'folder of a run')
    .option('--query <name...>', 'only these queries; all when absent')
    .addHelpText('after', EXAMPLES)
    .action((path: string, options: RebuildOptions) => rebuild(path, options, context))
}

async function rebuild(
  path: string,
  { data, query }: RebuildOptions,
  { platform, terminal }: CliContext,
): Promise<void> {
  const app = await loadApp(path)
  for (const name of query ?? []) chosenQueries(app.plan, name)
  const { records } = await rebuildRun({ app, folder: data, queries: query ?? 'all', platform })
  terminal.note(`rebuilt ${query?.join(', ') ?? 'all queries'} from ${count(records)} records of the log\n`)
}
