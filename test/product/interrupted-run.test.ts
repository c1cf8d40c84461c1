import assert from 'node:assert/strict'
import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { assertRefused, EXIT, mysimbdp, type Said, started } from './product-process.ts'

const APP = 'examples/chicago-taxi'
/** So many that the run takes a second or more. */
const RECORDS = '40000'
const PATIENCE_MS = 30_000

const command = (data: string, out: string): readonly string[] => [
  ...['run', APP, '--records', RECORDS, '--faults', '0.01', '--as-stream'],
  ...['--data', data, '--format', 'json', '--out', out],
]

async function until(holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += 10) {
    assert.ok(waitedMs < PATIENCE_MS, 'it came to nothing')
    await delay(10)
  }
}

/** What the process said, once it has ended; `signal` where one ended it. */
async function ended(child: ChildProcess): Promise<Said & { readonly signal: NodeJS.Signals | null }> {
  const said = { stdout: '', stderr: '' }
  child.stdout!.on('data', (text) => (said.stdout += text))
  child.stderr!.on('data', (text) => (said.stderr += text))
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { status, signal, ...said }
}

/** When a file of the log was written last; 0 when there is none. */
function lastWrittenMs(data: string): number {
  const partition = join(data, 'log/tenantstreamapp_ingestData/partition-0')
  if (!existsSync(partition)) return 0
  const files = readdirSync(partition).filter((name) => name.startsWith('segment-'))
  return Math.max(0, ...files.map((name) => statSync(join(partition, name), { throwIfNoEntry: false })?.mtimeMs ?? 0))
}

const readOf = (path: string): string => readFileSync(path, 'utf8')

/** As a terminal does it: to the whole group. */
const send = (child: ChildProcess, signal: NodeJS.Signals): boolean => process.kill(-child.pid!, signal)

describe('a run that is stopped in the middle', () => {
  it('by SIGKILL, SIGTERM and Ctrl-C one after the other goes on with the same command, and gives the same document', () =>
    withScratchFolder(async (folder) => {
      const [data, out] = [join(folder, 'data'), join(folder, 'out.json')]
      for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
        const writtenMs = lastWrittenMs(data)
        const child = started(command(data, out))
        const end = ended(child)
        await until(() => lastWrittenMs(data) > writtenMs)
        await delay(100)
        send(child, signal)
        const { signal: how, stderr } = await end
        assert.equal(how, signal, stderr)
        assert.equal(stderr, signal === 'SIGKILL' ? '' : 'stopped; the same command goes on from here\n')
        assert.ok(!existsSync(out), 'there are no results yet')
      }
      const last = mysimbdp(command(data, out))
      assert.equal(last.status, EXIT.done, last.stderr)
      const calm = mysimbdp(command(join(folder, 'calm'), join(folder, 'calm.json')))
      assert.equal(calm.status, EXIT.done, calm.stderr)
      assert.equal(readOf(out), readOf(join(folder, 'calm.json')))
    }))

  it('leaves no temporary folder when it has none of its own', () =>
    withScratchFolder(async (folder) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        const child = started(['run', APP, '--records', RECORDS], { ...process.env, TMPDIR: folder })
        const end = ended(child)
        await until(() => readdirSync(folder).some((name) => existsSync(join(folder, name, 'job.db'))))
        send(child, signal)
        assert.equal((await end).signal, signal)
        assert.deepEqual(readdirSync(folder), [])
      }
    }))
})

it('of two processes on one folder the second is refused, and the first is unharmed', () =>
  withScratchFolder(async (folder) => {
    const [data, out] = [join(folder, 'data'), join(folder, 'out.json')]
    const first = started(command(data, out))
    const end = ended(first)
    await until(() => existsSync(join(data, 'job.db')))
    // Held, so that it is still there however slow the machine is.
    first.kill('SIGSTOP')
    const second = mysimbdp(command(data, join(folder, 'second.json')))
    const rebuilding = mysimbdp(['rebuild', APP, '--data', data])
    const looking = mysimbdp(['dead-letters', 'list', '--data', data])
    first.kill('SIGCONT')
    const { status, stderr } = await end
    assert.equal(status, EXIT.done, stderr)
    for (const said of [second, rebuilding])
      assertRefused(said, EXIT.user, /in use by another process[\s\S]*Stop the other process first/)
    assert.equal(looking.status, EXIT.done, looking.stderr)
    assert.ok(!existsSync(join(folder, 'second.json')))
    const calm = mysimbdp(command(join(folder, 'calm'), join(folder, 'calm.json')))
    assert.equal(calm.status, EXIT.done, calm.stderr)
    assert.equal(readOf(out), readOf(join(folder, 'calm.json')))
  }))

describe('an output that ends early', () => {
  const shell = (line: string, env: NodeJS.ProcessEnv = process.env): Said =>
    spawnSync('bash', ['-c', line.replaceAll('MYSIMBDP', `"${process.execPath}" bin/mysimbdp.js`)], {
      encoding: 'utf8',
      env,
    })

  it('as a reader that goes away is no error, and leaves nothing behind', () =>
    withScratchFolder(async (folder) => {
      mkdirSync(join(folder, 'tmp'))
      const { status, stdout, stderr } = shell(
        `set -o pipefail; MYSIMBDP run ${APP} --records 5000 --format json | head -n 1`,
        { ...process.env, TMPDIR: join(folder, 'tmp') },
      )
      assert.deepEqual([status, stdout, stderr], [0, '{"queries":{\n', ''])
      assert.deepEqual(readdirSync(join(folder, 'tmp')), [])
    }))

  it('as a full device is an error, for every command that prints', () => {
    for (const line of [`run ${APP} --records 10 --format json`, `explain ${APP}`, `generate ${APP} --records 10`]) {
      const { status, stderr } = shell(`MYSIMBDP ${line} > /dev/full`)
      assert.equal(status, EXIT.external, line)
      assert.match(stderr, /^error the output cannot be written: ENOSPC/)
      assert.doesNotMatch(stderr, /\n {4}at /)
    }
    for (const line of [`run ${APP} --records 10 --format json`, `generate ${APP} --records 10`])
      assertRefused(
        shell(`MYSIMBDP ${line} --out /dev/full`),
        EXIT.external,
        /'\/dev\/full' cannot be written: ENOSPC[\s\S]*MSB_DISK_FULL/,
      )
  })

  it('as a full device for messages loses the messages alone', () => {
    assert.equal(shell(`MYSIMBDP run ${APP} --records 0 --format json 2> /dev/full`).status, EXIT.done)
    assert.equal(shell('MYSIMBDP run nowhere 2> /dev/full').status, EXIT.user)
  })
})
