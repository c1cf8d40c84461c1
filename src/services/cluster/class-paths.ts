import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import { runMaven } from './maven.ts'

/** The poms, rules and logging configurations of the servers. */
export const LOCAL_CLUSTER = fileURLToPath(new URL('../../../deploy/local-cluster', import.meta.url))

/** A module of `deploy/local-cluster`: what Maven resolves together. */
export type JavaModule = 'kafka' | 'cassandra' | 'spark' | 'jmx'

/** The jars of each module. */
export type ClassPaths = ReadonlyMap<JavaModule, readonly string[]>

/** What Maven answered is kept until the poms change or a jar is gone. Beside what Node makes of the sources. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/mysimbdp-cluster', import.meta.url))

/**
 * The jars of the modules in the user's Maven repository: from there if it has them, else Maven fetches them.
 * @param onFetching called before Maven goes to the network, which takes seconds to minutes
 * @throws MSB_PROGRAM_MISSING without Maven, MSB_CLUSTER_LIBRARIES when Maven cannot bring a jar
 */
export async function resolveClassPaths(modules: readonly JavaModule[], onFetching: () => void): Promise<ClassPaths> {
  const folder = join(CACHE, sha256(modulePoms(modules)).slice(0, 16))
  const known = keptClassPaths(modules, folder)
  if (known !== null) return known
  mkdirSync(folder, { recursive: true })
  const scratch = mkdtempSync(join(folder, 'resolving-'))
  try {
    const pom = join(LOCAL_CLUSTER, 'pom.xml')
    await runMaven(['-f', pom, '-pl', modules.join(','), `-Dclasspaths=${scratch}`, 'initialize'], onFetching)
    // One step for each file: another process that resolves at the same time never reads half of one.
    for (const module of modules) renameSync(classPathFile(scratch, module), classPathFile(folder, module))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  const resolved = keptClassPaths(modules, folder)
  if (resolved !== null) return resolved
  throw new MysimbdpError('MSB_CLUSTER_LIBRARIES', 'Maven named jars that are not in its repository')
}

const modulePoms = (modules: readonly JavaModule[]): string =>
  ['pom.xml', ...modules.map((module) => join(module, 'pom.xml'))]
    .map((path) => readFileSync(join(LOCAL_CLUSTER, path), 'utf8'))
    .join('\n')

const classPathFile = (folder: string, module: JavaModule): string => join(folder, `${module}.classpath`)

/** Null where one is not known, or names a jar that is gone. */
function keptClassPaths(modules: readonly JavaModule[], folder: string): ClassPaths | null {
  const classPaths = new Map<JavaModule, readonly string[]>()
  for (const module of modules) {
    const file = classPathFile(folder, module)
    if (!existsSync(file)) return null
    const jars = readFileSync(file, 'utf8').trim().split(delimiter)
    if (!jars.every((jar) => existsSync(jar))) return null
    classPaths.set(module, jars)
  }
  return classPaths
}
