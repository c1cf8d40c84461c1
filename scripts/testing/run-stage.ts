import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ReportedEvent } from './event-reporter.ts'
import type { Stage, TestFiles, Tool } from './stages.ts'

export interface StageResult {
  readonly stage: Stage
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly seconds: number
  readonly failures: readonly { readonly title: string; readonly text: string }[]
  readonly skips: readonly { readonly test: string; readonly reason: string }[]
  /** Figures and seeds that tests tell. */
  readonly said: readonly string[]
}

type Outcome = Omit<StageResult, 'stage' | 'seconds'>

const repository = fileURLToPath(new URL('../../', import.meta.url))
const REPORTER = fileURLToPath(new URL('event-reporter.ts', import.meta.url))
/** Test files and the processes they start load much the same sources: what was made of them is kept. */
process.env.NODE_COMPILE_CACHE ??= join(repository, 'node_modules/.cache/mysimbdp')
/** Two files at a time, on any machine: the figures of one run are those of the next. */
const FILES_AT_A_TIME = 2
const TEST_TIMEOUT_MS = 300_000
const OUTPUT_MAX_CHARACTERS = 12_000

export async function runStage(stage: Stage): Promise<StageResult> {
  const started = performance.now()
  const outcome =
    stage.work.kind === 'tool' ? await runTool(stage.name, stage.work) : await runTests(stage.name, stage.work)
  return { stage, ...outcome, seconds: (performance.now() - started) / 1000 }
}

async function runTool(name: string, { program, arguments: args }: Tool): Promise<Outcome> {
  const { code, output } = await run(join(repository, 'node_modules/.bin', program), args)
  const failures = code === 0 ? [] : [{ title: `${name}: ${program} ${args.join(' ')}`, text: output }]
  return { passed: 1 - failures.length, failed: failures.length, skipped: 0, failures, skips: [], said: [] }
}

async function runTests(name: string, { globs, oneProcess, filesAtATime, timeoutMs }: TestFiles): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-test-'))
  try {
    const events = join(folder, 'events.ndjson')
    const isolation = oneProcess ? ['--test-isolation=none'] : [`--test-concurrency=${filesAtATime ?? FILES_AT_A_TIME}`]
    const reporting = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${events}`]
    const args = ['--test', `--test-timeout=${timeoutMs ?? TEST_TIMEOUT_MS}`, ...isolation, ...reporting, ...globs]
    const { code, output } = await run(process.execPath, args)
    return outcomeOf(name, code, existsSync(events) ? readFileSync(events, 'utf8') : '', output)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What the events of a test process say; a process that ends badly without a failed test, or without tests, failed itself. */
export function outcomeOf(name: string, code: number | null, events: string, output: string): Outcome {
  const reported = events
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReportedEvent)
  const failures = reported
    .filter((event) => event.kind === 'failed')
    .map(({ test, place, error }) => ({
      title: `${test}${place === '' ? '' : ` (${place.replace(repository, '')})`}`,
      text: error,
    }))
  const skips = reported.filter((event) => event.kind === 'skipped').map(({ test, reason }) => ({ test, reason }))
  const said = reported.filter((event) => event.kind === 'said').map(({ text }) => text)
  const counts = reported.find((event) => event.kind === 'counts') ?? { passed: 0, failed: failures.length, skipped: 0 }
  const ranNothing = counts.passed + counts.failed + counts.skipped === 0
  if ((code !== 0 || ranNothing) && failures.length === 0) {
    failures.push({
      title: `${name}: ${ranNothing ? 'no test ran' : 'the test process failed'} (exit code ${code})`,
      text: output,
    })
  }
  return {
    passed: counts.passed,
    failed: Math.max(counts.failed, failures.length),
    skipped: counts.skipped,
    failures,
    skips,
    said,
  }
}

function run(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-OUTPUT_MAX_CHARACTERS)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
