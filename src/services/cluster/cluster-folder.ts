import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type ClusterLayout, freeLayout, usualLayout, usualSparkPlace } from './cluster-layout.ts'
import { type ClusterShape, defaultShape, referenceShape } from './cluster-shape.ts'
import type { Server } from './server.ts'

/** Where a cluster is unless told otherwise. */
export const DEFAULT_CLUSTER_FOLDER = '.mysimbdp-cluster'

/** What somebody wants a cluster to be; where nothing is said, what the folder has, or one server of each kind. */
export interface WantedLayout {
  readonly profile?: 'default' | 'reference'
  readonly brokers?: number
  readonly cassandraNodes?: number
  readonly connectWorkers?: number
  /** `usual`: 27092 for Kafka and so on; `free`: any, for clusters that must not meet others. */
  readonly ports?: 'usual' | 'free'
  /** Settings of brokers that go before our own. */
  readonly brokerProperties?: Readonly<Record<string, string>>
  /** The same for nodes of Cassandra. */
  readonly cassandraSettings?: Readonly<Record<string, unknown>>
}

const layoutFile = (folder: string): string => join(resolve(folder), 'cluster.json')

/** The layout that a folder has, or gets now. @throws MSB_CLUSTER_DIFFERS when another was made there */
export async function openLayout(folder: string, wanted: WantedLayout): Promise<ClusterLayout> {
  const known = existsSync(layoutFile(folder)) ? readLayout(folder) : null
  if (known !== null) {
    requireSame(folder, known.shape, wanted)
    if (wanted.brokerProperties === undefined) return known
    const changed = { ...known, brokerProperties: wanted.brokerProperties }
    writeLayout(folder, changed)
    return changed
  }
  const { profile, brokers, cassandraNodes, connectWorkers, ports = 'usual', brokerProperties = {} } = wanted
  const { cassandraSettings = {} } = wanted
  const base = profile === 'reference' ? referenceShape : defaultShape
  const shape: ClusterShape = {
    profile: base.profile,
    brokers: brokers ?? base.brokers,
    cassandraNodes: cassandraNodes ?? base.cassandraNodes,
    connectWorkers: connectWorkers ?? base.connectWorkers,
  }
  const places = ports === 'free' ? await freeLayout(shape, brokerProperties) : usualLayout(shape, brokerProperties)
  const layout = { ...places, cassandraSettings }
  writeLayout(folder, layout)
  return layout
}

/** @throws MSB_CLUSTER_NOT_FOUND */
export function readLayout(folder: string): ClusterLayout {
  try {
    const kept = JSON.parse(readFileSync(layoutFile(folder), 'utf8')) as ClusterLayout
    return { ...kept, spark: kept.spark ?? usualSparkPlace }
  } catch (error) {
    throw new MysimbdpError('MSB_CLUSTER_NOT_FOUND', `there is no cluster in '${folder}'`, { cause: error })
  }
}

function writeLayout(folder: string, layout: ClusterLayout): void {
  mkdirSync(folder, { recursive: true })
  const file = layoutFile(folder)
  writeFileSync(`${file}.new`, `${JSON.stringify(layout, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/** Deletes all that the servers of a cluster left, and nothing else that lies in its folder. None of them may run. */
export function deleteCluster({
  folder,
  servers,
}: {
  readonly folder: string
  readonly servers: readonly Server[]
}): void {
  const ours = ['run', 'logs', 'plugins', 'platform.json', ...servers.map(({ name }) => name), 'cluster.json']
  for (const name of ours) rmSync(join(folder, name), { recursive: true, force: true })
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

const NAMES = {
  profile: 'profile',
  brokers: 'number of brokers',
  cassandraNodes: 'number of Cassandra nodes',
  connectWorkers: 'number of Connect workers',
} as const

function requireSame(folder: string, known: ClusterShape, wanted: WantedLayout): void {
  for (const [key, name] of Object.entries(NAMES) as [keyof typeof NAMES, string][]) {
    if (wanted[key] === undefined || wanted[key] === known[key]) continue
    throw new MysimbdpError(
      'MSB_CLUSTER_DIFFERS',
      `the cluster in '${folder}' was made with another ${name}: ${known[key]}, not ${wanted[key]}`,
    )
  }
}
