import { type Command, Option } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { PlatformClient } from '../../client/platform-client.ts'
import { DEFAULT_DATA_FOLDER } from '../../client/platform-file.ts'
import { textLines } from '../../client/text-lines.ts'
import { csvHeader, csvLine } from '../../rows/csv.ts'
import { parseRowLine } from '../../rows/row-line.ts'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../option-values.ts'
import { followResults } from '../output/follow-results.ts'
import { queryTable } from '../output/query-table.ts'
import { parametersOf, type QuerySummary, queriesOf, type ResultOptions, TABLE_ROWS } from '../result-request.ts'
import type { Terminal } from '../terminal.ts'

/** Rows of a table at most. */
const TABLE_ROWS_MAX = 1000

const EXAMPLES = `
Examples:
  mysimbdp results tenantstreamapp                                      the newest rows of every query
  mysimbdp results tenantstreamapp tripsTotal --latest 3
  mysimbdp results tenantstreamapp sumFareWindow --from 2024-04-13T08:00-05:00 --to 2024-04-13T09:00-05:00 --format csv
  mysimbdp results tenantstreamapp --follow                             a view that is drawn anew as results change
  mysimbdp results tenantstreamapp sumFareWindow --follow --format json | jq -c .row
  mysimbdp results tenantstreamapp sumFareWindow --follow --format csv --latest 1 | head

With --follow, JSON and CSV have a line for each row that is there, then for each that changes. A lost connection is opened again where it was.
`

export function addResultsCommand(program: Command, { terminal }: CliContext): void {
  program
    .command('results')
    .argument('<app>', 'name of an app on a running platform')
    .argument('[query]', 'one of its queries; all of them when absent')
    .description('print the results of a running platform, once or as they change')
    .addOption(
      new Option('--format <format>', 'how rows are printed; json is a line for each row')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .option('--latest <n>', `only the newest rows (tables: ${TABLE_ROWS} unless a time or key is given)`, wholeNumber)
    .option('--from <time>', 'only windows that start then or later, ISO 8601 or epoch ms')
    .option('--to <time>', 'only windows that start before')
    .option('--key <key>', 'only the row with this result key')
    .option('--follow', 'go on printing what changes')
    .option('--url <url>', 'the platform, as `start` printed it')
    .option('--data <folder>', 'data folder of the platform, when no URL is given', DEFAULT_DATA_FOLDER)
    .addHelpText('after', EXAMPLES)
    .action((app: string, query: string | undefined, options: ResultOptions) => results(app, query, options, terminal))
}

async function results(
  app: string,
  query: string | undefined,
  options: ResultOptions,
  terminal: Terminal,
): Promise<void> {
  const queries = await chosenQueries(PlatformClient.find(options), app, query)
  if (options.format === 'csv' && queries.length > 1)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `queries have different columns: choose one for CSV, of ${queries.map(({ name }) => name).join(', ')}`,
    )
  if (options.follow === true) return followResults({ app, queries, options, terminal })
  const client = PlatformClient.find(options)
  for (const each of queries) await print(client, app, each, options, terminal)
}

async function chosenQueries(
  client: PlatformClient,
  app: string,
  query: string | undefined,
): Promise<readonly QuerySummary[]> {
  const all = await queriesOf(client, app)
  const chosen = all.filter(({ name }) => query === undefined || name === query)
  if (chosen.length === 0)
    throw new MysimbdpError(
      'MSB_NOT_FOUND',
      `app '${app}' has no query '${query}'; it has ${all.map(({ name }) => name).join(', ')}`,
    )
  return chosen
}

async function print(
  client: PlatformClient,
  app: string,
  query: QuerySummary,
  options: ResultOptions,
  terminal: Terminal,
): Promise<void> {
  const parameters = parametersOf(options)
  parameters.set('format', 'ndjson')
  if (options.format === 'table' && !parameters.has('latest')) parameters.set('limit', String(TABLE_ROWS_MAX))
  const path = `/v1/apps/${encodeURIComponent(app)}/queries/${encodeURIComponent(query.name)}/results?${parameters}`
  const lines = textLines(await client.request(path))
  if (options.format === 'table') {
    const rows: string[] = []
    for await (const line of lines) rows.push(parseRowLine(line).row)
    terminal.out(`${queryTable(query, rows, terminal)}\n`)
    return
  }
  let first = true
  for await (const line of lines) {
    const { row } = parseRowLine(line)
    if (options.format === 'json') terminal.out(`{"query":${JSON.stringify(query.name)},${line.slice(1)}\n`)
    else terminal.out(`${first ? csvHeader(row) : ''}${csvLine(row)}`)
    first = false
  }
}
