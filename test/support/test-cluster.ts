import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { Cluster } from '#services/cluster/cluster.ts'
import type { ServerKind } from '#services/cluster/cluster-shape.ts'
import { findInstallation } from '#services/cluster/installation.ts'
import { type ClusterRequest, type RunningCluster, startCluster } from '#services/cluster/running-cluster.ts'

const folders = new Set<string>()

/**
 * Why tests cannot have servers of these kinds, for the `skip` of a suite; false where they can.
 * @throws MysimbdpError in CI, where such tests are not to be left out
 */
export async function whyNoServers(kinds: readonly ServerKind[]): Promise<string | false> {
  try {
    await findInstallation(kinds, () => {})
    return false
  } catch (error) {
    if (!(error instanceof MysimbdpError) || process.env.CI !== undefined) throw error
    return `${error.message}. ${error.hint}`
  }
}

/**
 * Starts servers in a folder of their own, on free ports. They are killed, and the folder goes, when the test process ends,
 * however it ends; a test may stop them before.
 */
export async function startTestCluster(request: Omit<ClusterRequest, 'folder' | 'clock'>): Promise<RunningCluster> {
  const folder = scratchClusterFolder()
  return startCluster({ ports: 'free', ...request, folder, clock: systemClock })
}

/** A folder for a cluster, which the end of the test process takes away with all servers in it. */
export function scratchClusterFolder(): string {
  if (folders.size === 0) endServersWithProcess()
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-cluster-'))
  folders.add(folder)
  return folder
}

function endServersWithProcess(): void {
  process.on('exit', () => {
    for (const folder of folders) removeCluster(folder)
  })
  // What ends the process by default lets it run nothing more: the test runner does so when a test takes too long.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))
}

function removeCluster(folder: string): void {
  try {
    Cluster.find(folder).killNow()
  } catch {
    // No cluster was made in it.
  }
  // A server that is ending may still write: the folder is then not empty at once.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}
