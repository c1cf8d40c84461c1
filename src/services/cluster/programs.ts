import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { environmentVariable } from '#foundation/environment/variables.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

const run = promisify(execFile)

/** What Kafka 4.3 and Cassandra 5.0 both run on. Newer ones are no choice: Cassandra 5.0 does not know them. */
const JAVA_VERSION = 17

/** Where Debian, Fedora and Homebrew put a Java 17 that is not the usual one. */
const JAVA_PLACES = [
  `/usr/lib/jvm/*-${JAVA_VERSION}-*/bin/java`,
  `/opt/homebrew/opt/openjdk@${JAVA_VERSION}/bin/java`,
  `/usr/local/opt/openjdk@${JAVA_VERSION}/bin/java`,
]

/**
 * The program of a Java 17.
 * @throws MSB_PROGRAM_MISSING
 */
export async function findJava(): Promise<string> {
  const home = environmentVariable('JAVA_HOME')
  const candidates = [...(home === undefined ? [] : [join(home, 'bin', 'java')]), 'java', ...globSync(JAVA_PLACES)]
  const found: string[] = []
  for (const java of candidates) {
    const version = await javaVersion(java)
    if (version === JAVA_VERSION) return java
    if (version !== null) found.push(`'${java}' is version ${version}`)
  }
  throw new MysimbdpError(
    'MSB_PROGRAM_MISSING',
    `the servers need Java ${JAVA_VERSION}, and ${found.length === 0 ? 'no Java was found' : `none was found: ${found.join(', ')}`}`,
    {
      hint: `Install it: \`apt install openjdk-${JAVA_VERSION}-jdk-headless\` on Debian and Ubuntu, \`brew install openjdk@${JAVA_VERSION}\` on macOS; or let JAVA_HOME name one.`,
    },
  )
}

/** Null where this is no Java. */
async function javaVersion(java: string): Promise<number | null> {
  try {
    const { stderr } = await run(java, ['-version'])
    const [, version] = /version "(\d+)/.exec(stderr) ?? []
    return version === undefined ? null : Number(version)
  } catch {
    return null
  }
}

/** @throws MSB_PROGRAM_MISSING */
export async function findMaven(): Promise<string> {
  if (await answers('mvn', '--version')) return 'mvn'
  throw new MysimbdpError(
    'MSB_PROGRAM_MISSING',
    'the servers are fetched with Maven, and there is no program `mvn` on the PATH',
    { hint: 'Install it: `apt install maven` on Debian and Ubuntu, `brew install maven` on macOS.' },
  )
}

/** @throws MSB_PROGRAM_MISSING */
export async function findPrometheus(): Promise<string> {
  if (await answers('prometheus', '--version')) return 'prometheus'
  throw new MysimbdpError('MSB_PROGRAM_MISSING', 'there is no program `prometheus` on the PATH', {
    hint: 'Install it: `apt install prometheus` on Debian and Ubuntu, `brew install prometheus` on macOS; or leave it out with --only.',
  })
}

async function answers(program: string, ...args: readonly string[]): Promise<boolean> {
  try {
    await run(program, args)
    return true
  } catch {
    return false
  }
}
