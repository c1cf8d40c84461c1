import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ResultRow } from '../../expected/result-row.ts'
import type { EngineTask, RunningEngine } from './engine.ts'

const peersFolder = fileURLToPath(new URL('../../peers/', import.meta.url))
const SAID_MAX = 20_000

export const peerFile = (path: string): string => `${peersFolder}${path}`

/** Why a peer that `bench/peers/install.sh` compiles cannot run; null when it can. */
export const whyNotInstalled = (peer: string, mainClass: string): string | null =>
  existsSync(peerFile(`installed/${peer}/classes/${mainClass}.class`))
    ? null
    : `bench/peers/install.sh ${peer} installs it`

/** A program of a peer, as a JVM of its own that writes rows in the form of `expected/result-row.ts` to a topic. */
export async function startJavaPeer(
  { bench, app }: EngineTask,
  peer: string,
  program: {
    readonly options: readonly string[]
    readonly mainClass: string
    args(resultTopic: string): readonly string[]
  },
): Promise<RunningEngine> {
  const topic = await bench.createResultTopic(app, peer.replaceAll('-', '_'))
  const classPath = `${peerFile(`installed/${peer}/classes`)}:${peerFile(`installed/${peer}/jars/*`)}`
  const args = [...program.options, '-cp', classPath, program.mainClass, ...program.args(topic)]
  const folder = bench.run.scratchPath(peer)
  mkdirSync(folder, { recursive: true })
  const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder })
  const said = saidBy(child)
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  const ended = once(child, 'exit').finally(() => process.off('exit', end))
  ended.catch(() => {})
  return {
    pids: [child.pid!],
    results: [{ topic, rowOf: (value) => JSON.parse(value) as ResultRow }],
    whyEnded: () => (child.exitCode === null ? null : `${peer} ended with ${child.exitCode}: ${said()}`),
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The end of what a process says. */
function saidBy(child: ChildProcess): () => string {
  let text = ''
  for (const output of [child.stdout!, child.stderr!]) {
    output.setEncoding('utf8')
    output.on('data', (piece: string) => (text = `${text}${piece}`.slice(-SAID_MAX)))
  }
  return () => text
}
