import { cpSync, existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runMaven } from './maven.ts'

/** The project's own sink into Cassandra, a Maven project that leaves itself with all it needs in `target/plugin`. */
const PROJECT = fileURLToPath(new URL('../../../deploy/connect/cassandra-sink', import.meta.url))
const PLUGIN = join(PROJECT, 'target', 'plugin')

/** Builds the sink where its sources are newer than what was built. @throws MSB_PROGRAM_MISSING, MSB_CLUSTER_LIBRARIES */
export async function buildOwnSink(onFetching: () => void): Promise<void> {
  if (!existsSync(join(PROJECT, 'pom.xml')) || isBuilt()) return
  await runMaven(['-f', join(PROJECT, 'pom.xml'), '-DskipTests', 'package'], onFetching)
}

function isBuilt(): boolean {
  const newest = (pattern: string): number =>
    Math.max(0, ...globSync(pattern, { cwd: PROJECT }).map((path) => statSync(join(PROJECT, path)).mtimeMs))
  return newest('target/plugin/cassandra-sink-*.jar') > Math.max(newest('pom.xml'), newest('src/main/**'))
}

/** Puts the sink among the plugins of a cluster: a copy, so that building it again does not pull it from under a worker. */
export function copyOwnSink(plugins: string): void {
  if (existsSync(PLUGIN)) cpSync(PLUGIN, join(plugins, 'mysimbdp-cassandra-sink'), { recursive: true })
}
