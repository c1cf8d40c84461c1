import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type CassandraOptions, CassandraSession } from './cassandra-session.ts'

export interface CassandraPlans {
  readonly keyspace: string
  /** As CQL has it. */
  readonly replication: Readonly<Record<string, string | number>>
}

/** Whether a platform can keep results in a Cassandra cluster: reach, nodes for all copies, and what an acknowledgement is worth. Nothing is created. */
export function cassandraChecks(options: CassandraOptions, { keyspace, replication }: CassandraPlans): ServerChecks {
  let session: CassandraSession | undefined
  // Made when it is first wanted: a file that cannot be read is then what the first check finds.
  const opened = (): CassandraSession => (session ??= new CassandraSession({ ...options, consistency: 'ONE' }))
  const { contactPoints, port, localDataCenter } = options
  return {
    checks: [
      {
        what: `Cassandra at ${contactPoints.map((host) => `${host}:${port}`).join(', ')}`,
        look: async () => reach(opened(), localDataCenter),
      },
      { what: `replication of keyspace '${keyspace}'`, look: async () => copies(opened(), keyspace, replication) },
      { what: 'rows that Cassandra acknowledges', look: async () => safety(opened(), keyspace, replication) },
    ],
    close: async () => session?.close(),
  }
}

async function reach(session: CassandraSession, localDataCenter: string): Promise<string> {
  const [node] = await session.execute('SELECT release_version, cluster_name FROM system.local')
  return `version ${String(node!.release_version)}, cluster '${String(node!.cluster_name)}', data center '${localDataCenter}' is there`
}

async function copies(
  session: CassandraSession,
  keyspace: string,
  wanted: CassandraPlans['replication'],
): Promise<string> {
  const nodes = await nodesByDataCenter(session)
  const existing = await existingReplication(session, keyspace)
  const replication = existing ?? { class: 'SimpleStrategy', ...wanted }
  const { class: strategy, ...factors } = replication
  const total = [...nodes.values()].reduce((sum, count) => sum + count, 0)
  for (const [place, factor] of Object.entries(factors)) {
    const isSimple = String(strategy).endsWith('SimpleStrategy') || place === 'replication_factor'
    const available = isSimple ? total : (nodes.get(place) ?? 0)
    if (Number(factor) > available) refuse(keyspace, place, Number(factor), available, [...nodes.keys()])
  }
  const text = Object.entries(factors)
    .map(([place, factor]) => `${place} ${factor}`)
    .join(', ')
  return `${existing === null ? 'it does not exist yet, and can have' : 'it exists, with'} ${text}`
}

async function safety(
  session: CassandraSession,
  keyspace: string,
  wanted: CassandraPlans['replication'],
): Promise<string> {
  const [setting] = await session.execute("SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'")
  const { class: _, ...factors } = (await existingReplication(session, keyspace)) ?? wanted
  const total = Object.values(factors).reduce((sum: number, factor) => sum + Number(factor), 0)
  return acknowledged(setting === undefined ? null : String(setting.value), total)
}

/**
 * What an acknowledgement is worth. With `periodic`, Cassandra's default, a node answers up to 10 s before it writes: Kafka Connect, which has then committed its offsets, does not send
 * these rows again. Other nodes may have them.
 * @param sync `commitlog_sync` of the node that was asked; null where it does not say
 * @throws MSB_SINK_REFUSED where one node that is killed takes acknowledged rows with it
 */
export function acknowledged(sync: string | null, copies: number): string {
  if (sync === null) return 'the cluster does not say when (commitlog_sync)'
  if (sync !== 'periodic') return `are on the disk of the node (commitlog_sync: ${sync})`
  if (copies > 1) return `are in ${copies} nodes, on their disks up to 10 s later (commitlog_sync: periodic)`
  throw new MysimbdpError(
    'MSB_SINK_REFUSED',
    'are in one node, on its disk up to 10 s later: if it is killed meanwhile, they are missing (commitlog_sync: periodic)',
    {
      hint: 'Set commitlog_sync: batch in its cassandra.yaml, or keep several copies (sink.replication). Rows that are missing come back when their table is dropped: it is made and filled anew.',
    },
  )
}

function refuse(keyspace: string, place: string, factor: number, available: number, known: readonly string[]): never {
  const where = place === 'replication_factor' ? 'the cluster' : `data center '${place}'`
  throw new MysimbdpError(
    'MSB_SINK_REFUSED',
    `keyspace '${keyspace}' is to have ${factor} copies, and ${where} has ${available} ${available === 1 ? 'node' : 'nodes'}`,
    {
      hint:
        available === 0
          ? `Name a data center that is there under sink.replication: ${known.join(', ')}.`
          : 'Lower the factor under sink.replication, or start more nodes; a keyspace that exists is changed with ALTER KEYSPACE.',
    },
  )
}

async function nodesByDataCenter(session: CassandraSession): Promise<ReadonlyMap<string, number>> {
  const nodes = new Map<string, number>()
  for (const table of ['system.local', 'system.peers_v2'])
    for (const { data_center: place } of await session.execute(`SELECT data_center FROM ${table}`))
      nodes.set(String(place), (nodes.get(String(place)) ?? 0) + 1)
  return nodes
}

/** The replication of a keyspace that is there: creating it would change nothing. */
async function existingReplication(
  session: CassandraSession,
  keyspace: string,
): Promise<Readonly<Record<string, string>> | null> {
  const statement = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?'
  const [row] = await session.execute(statement, [keyspace])
  return row === undefined ? null : (row.replication as Record<string, string>)
}
