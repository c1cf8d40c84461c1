import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type ClassPaths, type JavaModule, LOCAL_CLUSTER, resolveClassPaths } from './class-paths.ts'
import type { ServerKind } from './cluster-shape.ts'
import { findJava, findPrometheus } from './programs.ts'

/** The programs that servers are started with, as far as the wanted kinds need them. */
export interface Installation {
  readonly java: string
  readonly classPaths: ClassPaths
  readonly prometheus: string
}

const MODULES: Readonly<Record<ServerKind, readonly JavaModule[]>> = {
  kafka: ['kafka', 'jmx'],
  connect: ['kafka', 'jmx'],
  cassandra: ['cassandra', 'jmx'],
  spark: ['spark'],
  prometheus: [],
}

/**
 * Finds, or has Maven fetch, what servers of these kinds need.
 * @throws MSB_PROGRAM_MISSING, MSB_CLUSTER_LIBRARIES
 */
export async function findInstallation(kinds: readonly ServerKind[], onFetching: () => void): Promise<Installation> {
  const modules = [...new Set(kinds.flatMap((kind) => MODULES[kind]))].sort()
  const java = modules.length === 0 ? '' : await findJava()
  const prometheus = kinds.includes('prometheus') ? await findPrometheus() : ''
  const classPaths: ClassPaths = modules.length === 0 ? new Map() : await resolveClassPaths(modules, onFetching)
  return { java, classPaths, prometheus }
}

/**
 * Java's quick compiler alone. Servers of a local cluster live for minutes as a rule; the thorough one still took a third of a core in a broker that
 * was a minute old and busy (docs/reference/performance-on-kafka.md).
 */
export const QUICK_COMPILER = '-XX:TieredStopAtLevel=1'

/** A jar of a module by the beginning of its name. */
export function jarOf(module: JavaModule, artifact: string, { classPaths }: Installation): string {
  const jar = jarsOf(module, { classPaths }).find((path) => path.split(/[/\\]/).at(-1)!.startsWith(`${artifact}-`))
  if (jar !== undefined) return jar
  throw new MysimbdpError('MSB_CLUSTER_LIBRARIES', `deploy/local-cluster/${module}/pom.xml brings no jar ${artifact}`)
}

export function jarsOf(module: JavaModule, { classPaths }: Pick<Installation, 'classPaths'>): readonly string[] {
  const jars = classPaths.get(module)
  if (jars !== undefined) return jars
  throw new MysimbdpError('MSB_INTERNAL', `the class path of ${module} was not asked for`)
}

/** The argument that puts the agent for Prometheus into a JVM. */
export const metricsAgent = (
  kind: 'kafka' | 'connect' | 'cassandra',
  { host, metricsPort }: { readonly host: string; readonly metricsPort: number },
  installation: Installation,
): string =>
  `-javaagent:${jarOf('jmx', 'jmx_prometheus_javaagent', installation)}=${host}:${metricsPort}:${join(LOCAL_CLUSTER, 'jmx', `${kind}.yml`)}`
