import assert from 'node:assert/strict'
import { type ChildProcess, type SpawnSyncOptions, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { runCli } from '#controlplane/cli/cli.ts'
import type { Rejection } from '#dataplane/records/record-batch.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { embeddedPlatform, knownEngines, loweredTexts, platformOf, serverChecksOf } from '../../src/wiring.ts'

export const EXIT = { done: 0, user: 2, external: 3 } as const

/** What a command said, and how it ended. */
export interface Said {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The real process, as a person runs it. */
export function mysimbdp(args: readonly string[], options: SpawnSyncOptions = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ['bin/mysimbdp.js', ...args], {
    maxBuffer: 1 << 28,
    ...options,
    encoding: 'utf8',
  })
}

/** The same without waiting for it, in a process group of its own, as a shell starts it. */
export const started = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess =>
  spawn(process.execPath, ['bin/mysimbdp.js', ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env })

/** The command line in this process: all but the process itself, and many times faster. */
export async function commandLine(...args: readonly string[]): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  const status = await runCli(args, {
    platform: embeddedPlatform,
    platformOf,
    serverChecksOf,
    variables: {},
    engines: knownEngines,
    loweredTexts,
    clock: systemClock,
    threadEntry: new URL('../../src/worker.ts', import.meta.url),
    untilStopped: () => Promise.resolve(),
    beforeKilled: () => () => {},
    terminal: {
      interactive: false,
      columns: 120,
      out: (text) => void (said.stdout += text),
      note: (text) => void (said.stderr += text),
      progress: () => {},
      style: (_style, text) => text,
    },
  })
  return { status, ...said }
}

export interface RunDocument {
  readonly queries: Readonly<
    Record<string, { readonly rows: readonly Readonly<Record<string, unknown>>[]; readonly late: number }>
  >
  readonly input: Readonly<
    Record<string, { readonly read: number; readonly accepted: number; readonly rejected: number }>
  >
}

export function documentOf({ status, stdout, stderr }: Said): RunDocument {
  assert.equal(status, EXIT.done, stderr)
  return JSON.parse(stdout) as RunDocument
}

/** The command ended with this exit code and a message that a person can read: what, what to do, and no stack trace. */
export function assertRefused({ status, stdout, stderr }: Said, code: number, wanted: RegExp): void {
  assert.match(stderr, wanted)
  assert.deepEqual([status, stdout], [code, ''], stderr)
  assert.match(stderr, /^error \S.*\n(?: {2}where: .*\n)? {2}what to do: \S/, stderr)
  assert.doesNotMatch(stderr, /\n {4}at /, 'no stack trace')
}

/** Offset and code of each dead letter in a data folder. */
export async function deadLettersIn(
  data: string,
): Promise<readonly { readonly offset: number; readonly code: Rejection['code']; readonly raw: string }[]> {
  const [reader] = await embeddedPlatform.openLogReaders(data)
  const letters = await reader!.deadLetters(0)
  await reader!.close()
  return letters.map(({ offset, rejection, raw }) => ({
    offset,
    code: rejection.code,
    raw: Buffer.from(raw).toString(),
  }))
}
