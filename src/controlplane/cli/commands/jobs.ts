import type { Command } from 'commander'
import type { describe } from '../../api/routes/apps.ts'
import { PlatformClient, type PlatformPlace } from '../../client/platform-client.ts'
import type { CliContext } from '../context.ts'
import { count, plural } from '../output/progress-line.ts'
import { newTable } from '../output/table.ts'
import { whileWorking } from '../output/while-working.ts'
import { addPlatformOptions } from '../platform-options.ts'

type AppDocument = ReturnType<typeof describe>
type ErrorDocument = NonNullable<AppDocument['job']['error']>

const EXAMPLES = `
Examples:
  mysimbdp jobs                                                   what runs, and how far it is
  mysimbdp jobs stop tenantstreamapp                              ingest goes on; the job stays stopped over restarts
  mysimbdp jobs start tenantstreamapp                             from where it stopped
  mysimbdp jobs rebuild tenantstreamapp --query tripsTotal        anew from the log
`

export function addJobsCommand(program: Command, context: CliContext): void {
  const jobs = program.command('jobs').description('see, stop, start and rebuild the jobs of a running platform')
  addPlatformOptions(jobs.command('list', { isDefault: true }).description('what runs, and how far it is')).action(
    (place: PlatformPlace) => list(place, context),
  )
  for (const verb of ['stop', 'start'] as const) {
    addPlatformOptions(
      jobs
        .command(verb)
        .argument('<app>', 'name of a deployed app')
        .description(
          verb === 'stop'
            ? 'stop the job of an app until it is started again'
            : 'start the job of an app where it stopped',
        ),
    ).action((app: string, place: PlatformPlace) =>
      act(`${encodeURIComponent(app)}/job/${verb}`, undefined, place, context),
    )
  }
  addPlatformOptions(
    jobs
      .command('rebuild')
      .argument('<app>', 'name of a deployed app')
      .description('compute queries anew from the log')
      .option('--query <name...>', 'only these queries; all when absent'),
  ).action((app: string, { query, ...place }: PlatformPlace & { readonly query?: readonly string[] }) =>
    act(`${encodeURIComponent(app)}/job/rebuild`, query === undefined ? undefined : { queries: query }, place, context),
  )
  jobs.addHelpText('after', EXAMPLES)
}

async function list(place: PlatformPlace, { terminal }: CliContext): Promise<void> {
  const { apps, broken } = await PlatformClient.find(place).get<{
    readonly apps: readonly AppDocument[]
    readonly broken: readonly { readonly name: string; readonly error: ErrorDocument }[]
  }>('/v1/apps')
  const table = newTable(
    ['app', 'job', 'restarts', 'records read', 'late', 'ingest'],
    ['left', 'left', 'right', 'right', 'right', 'left'],
  )
  for (const { name, job, ingest } of apps)
    table.push([name, job.state, job.restarts, offsets(job), late(job), ingest.state])
  for (const { name } of broken) table.push([name, 'broken', '', '', '', ''])
  terminal.out(
    apps.length + broken.length === 0 ? 'no app is deployed; `mysimbdp deploy <app>` does that\n' : `${table}\n`,
  )
  for (const { name, job, ingest } of apps)
    for (const error of [job.error, ingest.error]) if (error !== null) terminal.note(troubleText(name, error))
  for (const { name, error } of broken) terminal.note(troubleText(name, error))
}

function troubleText(app: string, { message, hint, where }: ErrorDocument): string {
  const places = Object.entries(where).map(([name, value]) => `  where: ${name} ${value}\n`)
  return `${app}: ${message}\n${places.join('')}  what to do: ${hint}\n`
}

/** What the query furthest behind has read. */
const offsets = ({ queries }: AppDocument['job']): string =>
  queries.length === 0 ? '' : count(Math.min(...queries.map(({ positions }) => positions[0]!.offset)))

/** Another server counts groups of late records, and not records. */
function late({ queries }: AppDocument['job']): string {
  const groups = queries.reduce((sum, { remote }) => sum + (remote?.droppedGroups ?? 0), 0)
  const records = queries.reduce((sum, { lateRecords }) => sum + lateRecords, 0)
  return groups === 0 ? count(records) : plural(groups, 'group', 'groups')
}

async function act(
  path: string,
  document: unknown,
  place: PlatformPlace,
  { terminal, clock }: CliContext,
): Promise<void> {
  const asked = PlatformClient.find(place).post<AppDocument>(`/v1/apps/${path}`, document)
  const { name, job } = await whileWorking('waiting for the job', asked, { terminal, clock })
  const rebuilding = job.rebuilding.length === 0 ? '' : `; being computed anew: ${job.rebuilding.join(', ')}`
  terminal.out(`the job of '${name}' is ${job.state}${rebuilding}\n`)
  if (job.error !== null) terminal.note(troubleText(name, job.error))
}
