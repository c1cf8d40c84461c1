import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A schema registry of somebody else's, as the judge of ours: pinned, from its Maven artifact, in memory. */
const VERSION = '2.6.13.Final'
const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`
const GET = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get'
const FETCH_TIMEOUT_MS = 300_000
const START_TIMEOUT_MS = 120_000

const run = promisify(execFile)

const runs = (command: string, argument: string): Promise<boolean> =>
  run(command, [argument]).then(
    () => true,
    () => false,
  )

/** Why it cannot run here, for `skip`; false where it can, and under CI, where its absence is a failure. */
export async function whyNoApicurio(): Promise<string | false> {
  if (process.env.CI === 'true') return false
  if (!(await runs('java', '-version'))) return 'no Java on this machine'
  return (await runs('mvn', '--version')) ? false : 'no Maven on this machine'
}

export interface Apicurio {
  /** Of its routes that are Confluent's. */
  readonly url: string
  stop(): Promise<void>
}

/** Fetches it once into the local Maven repository, and starts it on a free port. */
export async function startApicurio(): Promise<Apicurio> {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-apicurio-'))
  await run('tar', ['xzf', await archive(), '-C', folder])
  const port = await freePort()
  const child = spawn('java', ['-Xmx384m', '-jar', `apicurio-registry-app-${VERSION}-runner.jar`], {
    cwd: folder,
    env: { ...process.env, QUARKUS_HTTP_HOST: '127.0.0.1', QUARKUS_HTTP_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text) => (said += text))
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await answers(`${url}/subjects`))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the registry does not start:\n${said}`)
    await pause(200)
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGKILL')
      await ended
      process.off('exit', end)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function archive(): Promise<string> {
  const folder = join(homedir(), '.m2', 'repository', 'io', 'apicurio', 'apicurio-registry-app', VERSION)
  const file = join(folder, `apicurio-registry-app-${VERSION}-all.tar.gz`)
  if (!existsSync(file))
    await run('mvn', ['-q', '-B', GET, `-Dartifact=${ARTIFACT}`, '-Dtransitive=false'], { timeout: FETCH_TIMEOUT_MS })
  return file
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  server.close()
  await once(server, 'close')
  return port
}
