import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type CassandraOptions, CassandraSession } from './cassandra-session.ts'

export interface CassandraPlans {
  readonly keyspace: string
  /** As CQL has it. */
  readonly replication: Readonly<Record<string, string | number>>
}

/** Whether a platform can keep results in a Cassandra cluster: reach, and nodes for all copies. Nothing is created. */
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
