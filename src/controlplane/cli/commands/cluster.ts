import { type Command, Option } from 'commander'
import { Cluster } from '#services/cluster/cluster.ts'
import { DEFAULT_CLUSTER_FOLDER, deleteCluster } from '#services/cluster/cluster-folder.ts'
import { type ServerKind, serverKinds } from '#services/cluster/cluster-shape.ts'
import { startCluster, usualKinds } from '#services/cluster/running-cluster.ts'
import { shapeWarnings } from '#services/cluster/shape-warnings.ts'
import { StartProgress } from '../cluster/start-progress.ts'
import { statusTable } from '../cluster/status-table.ts'
import type { CliContext } from '../context.ts'
import { kindsOfServers, serverCount } from '../option-values.ts'
import { whileWorking } from '../output/while-working.ts'

interface UpOptions {
  readonly folder: string
  readonly only: readonly ServerKind[]
  readonly with?: readonly ServerKind[]
  readonly ports?: 'usual' | 'free'
  readonly brokers?: number
  readonly cassandraNodes?: number
  readonly connectWorkers?: number
  readonly profile?: 'default' | 'reference'
}

const EXAMPLES = `
Examples:
  mysimbdp cluster up                                   Kafka, Cassandra and Kafka Connect; starts what does not run
  mysimbdp cluster up --only kafka                      the broker alone
  mysimbdp cluster up --with spark                      Apache Spark besides, as an engine
  mysimbdp cluster up --brokers 3 --cassandra-nodes 2   one of each may be lost
  mysimbdp cluster status
  mysimbdp cluster down                                 data stays; with --delete it goes

The servers need Java 17 and Maven, which fetches them once (about 150 MB, and 300 MB for Spark). All listen on 127.0.0.1 alone, Cassandra's further nodes on 127.0.0.2 and
so on. They go on when the command has ended.
`

export function addClusterCommand(program: Command, context: CliContext): void {
  const cluster = program
    .command('cluster')
    .description('the real servers on this machine, without Docker: Kafka, Cassandra, Kafka Connect, Spark, Prometheus')
    .addHelpText('after', EXAMPLES)
  const folder = () =>
    new Option('--folder <folder>', 'where configuration, data and logs of the servers are').default(
      DEFAULT_CLUSTER_FOLDER,
    )
  cluster
    .command('up')
    .description('start the servers that do not run, and wait until they are ready')
    .addOption(folder())
    .addOption(
      new Option('--only <kinds>', `some of ${serverKinds.join(',')}`)
        .argParser(kindsOfServers)
        .default(usualKinds, usualKinds.join(',')),
    )
    .addOption(new Option('--with <kinds>', 'these besides: spark,prometheus').argParser(kindsOfServers))
    .option('--brokers <n>', 'Kafka brokers; with 3, partitions have three copies (default: 1)', serverCount)
    .option('--cassandra-nodes <n>', 'nodes of the Cassandra ring (default: 1)', serverCount)
    .option('--connect-workers <n>', 'workers of Kafka Connect (default: 1)', serverCount)
    .addOption(
      new Option('--profile <name>', 'reference: one broker, two Cassandra nodes, three replicas').choices([
        'default',
        'reference',
      ]),
    )
    .addOption(
      new Option(
        '--ports <which>',
        'usual: 27092 for Kafka, 27042 for Cassandra, 27083 for Connect; free: any',
      ).choices(['usual', 'free']),
    )
    .action((options: UpOptions) => up(options, context))
  cluster
    .command('status')
    .description('which servers run, and where')
    .addOption(folder())
    .option('--json', 'as one JSON document')
    .action((options: { readonly folder: string; readonly json?: boolean }) => status(options, context))
  cluster
    .command('down')
    .description('stop all servers')
    .addOption(folder())
    .option('--delete', 'delete their data and logs too')
    .action((options: { readonly folder: string; readonly delete?: boolean }) => down(options, context))
}

async function up({ only, with: besides = [], ...wanted }: UpOptions, { terminal, clock }: CliContext): Promise<void> {
  const progress = new StartProgress(terminal, clock)
  const onFetching = (): void => terminal.note('Maven fetches the jars of the servers, which it does once.\n')
  const onProgress = progress.show.bind(progress)
  try {
    const { cluster, platformFile } = await startCluster({
      ...wanted,
      servers: [...only, ...besides],
      clock,
      onProgress,
      onFetching,
    })
    progress.finish()
    for (const warning of shapeWarnings(cluster.layout.shape)) terminal.note(`${warning}\n`)
    terminal.out(`${statusTable(await cluster.status(), terminal)}\n`)
    const place = wanted.folder === DEFAULT_CLUSTER_FOLDER ? '' : ` --folder ${wanted.folder}`
    terminal.out(`
Next: the platform on these servers
  npx mysimbdp start examples/chicago-taxi --replay --config ${platformFile}
Later
  npx mysimbdp cluster down${place}
`)
  } finally {
    progress.finish()
  }
}

async function status(
  { folder, json }: { readonly folder: string; readonly json?: boolean },
  { terminal }: CliContext,
): Promise<void> {
  const servers = await Cluster.find(folder).status()
  terminal.out(json === true ? `${JSON.stringify({ servers }, null, 2)}\n` : `${statusTable(servers, terminal)}\n`)
}

async function down(
  { folder, delete: deleting }: { readonly folder: string; readonly delete?: boolean },
  context: CliContext,
): Promise<void> {
  const cluster = Cluster.find(folder)
  const stopped = await whileWorking('the servers are ending', cluster.stop(), context)
  for (const { server, outcome } of stopped)
    context.terminal.note(
      outcome === 'ended' ? `${server} has ended\n` : `${server} did not end by itself and was killed\n`,
    )
  if (stopped.length === 0) context.terminal.note(`no server of the cluster in '${folder}' was running\n`)
  if (deleting === true) {
    deleteCluster(cluster)
    context.terminal.note(`what the servers kept in '${folder}' is deleted\n`)
  }
}
