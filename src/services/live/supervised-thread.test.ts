import assert from 'node:assert/strict'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '#foundation/time/clock.ts'
import { until } from '../../../test/support/live-host.ts'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import type { FailingThreadData, FailingThreadMethods } from './failing-thread.fixture.ts'
import { SupervisedThread, type ThreadState } from './supervised-thread.ts'

interface Supervised {
  readonly thread: SupervisedThread<FailingThreadMethods, never>
  readonly files: FailingThreadData
  /** Every state it had, and when. */
  readonly changes: { readonly state: ThreadState; readonly atMs: number }[]
}

const withThread = (work: (supervised: Supervised) => Promise<void>, closeMs?: number): Promise<void> =>
  withScratchFolder(async (folder) => {
    const files = { held: join(folder, 'held'), cause: join(folder, 'cause') }
    const changes: Supervised['changes'] = []
    const thread = new SupervisedThread<FailingThreadMethods, never>({
      name: 'the thread of a test',
      entry: new URL('./failing-thread.fixture.ts', import.meta.url),
      clock: systemClock,
      heapMegabytes: 32,
      ...(closeMs !== undefined && { closeMs }),
      data: () => files,
      onEvent: () => {},
      onChange: () => changes.push({ state: thread.state, atMs: systemClock.monotonicMs() }),
    })
    try {
      await work({ thread, files, changes })
    } finally {
      await thread.stop()
    }
  })

const states = ({ changes }: Supervised): readonly ThreadState[] => changes.map(({ state }) => state)

describe('a supervised thread', () => {
  it('fails for good with an error that does not go away by itself, and can be started when its cause is gone', () =>
    withThread(async (supervised) => {
      const { thread, files } = supervised
      writeFileSync(files.cause, 'MSB_STATE_DAMAGED')
      await thread.start()
      assert.deepEqual([thread.state, thread.error?.code, thread.restarts], ['failed', 'MSB_STATE_DAMAGED', 0])
      await thread.start()
      assert.deepEqual(states(supervised), ['starting', 'failed', 'starting', 'failed'])
      assert.throws(() => thread.call('ready', undefined), { code: 'MSB_NOT_RUNNING', message: /it cannot start/ })
      rmSync(files.cause)
      await thread.start()
      assert.deepEqual([thread.state, thread.error], ['running', null])
    }))

  it('is started again after pauses that grow, until what kept it from running is gone', () =>
    withThread(async (supervised) => {
      const { thread, files, changes } = supervised
      await thread.start()
      writeFileSync(files.cause, 'MSB_DISK_FULL')
      await thread.call('fail', 'MSB_STORAGE_FAILED')
      await until(() => thread.restarts === 2 && thread.state === 'recovering', 'it failed twice')
      assert.equal(thread.error?.code, 'MSB_DISK_FULL')
      rmSync(files.cause)
      await until(() => thread.state === 'running', 'it runs again')
      assert.equal(thread.error, null)
      assert.deepEqual(states(supervised), [
        'starting',
        'running',
        'recovering',
        'starting',
        'recovering',
        'starting',
        'running',
      ])
      const pauses = changes.flatMap(({ state, atMs }, i) =>
        state === 'recovering' ? [changes[i + 1]!.atMs - atMs] : [],
      )
      assert.ok(pauses[0]! > 400 && pauses[1]! > 900, `pauses of ${pauses} ms`)
    }))

  it('stays stopped when it is stopped in a pause', () =>
    withThread(async (supervised) => {
      const { thread } = supervised
      await thread.start()
      await thread.call('fail', 'MSB_DISK_FULL')
      await until(() => thread.state === 'recovering', 'it pauses')
      await thread.stop()
      assert.deepEqual([thread.state, thread.error], ['stopped', null])
      // A start that was still due would be seen as a second one.
      await thread.start()
      await thread.stop()
      assert.deepEqual(states(supervised).slice(2), ['recovering', 'stopped', 'starting', 'running', 'stopped'])
    }))

  it('never has two threads at once, however quickly it is stopped and started', () =>
    withThread(async ({ thread, files }) => {
      for (let round = 0; round < 4; round++) {
        const commands = [thread.start(), thread.start(), thread.stop(), thread.start()]
        if (round % 2 === 1) commands.push(thread.stop(), thread.stop(), thread.start())
        await Promise.all(commands)
        assert.deepEqual([thread.state, thread.error], ['running', null])
        assert.equal(await thread.call('ready', undefined), process.pid)
        await Promise.all([thread.stop(), thread.stop()])
        assert.deepEqual([thread.state, existsSync(files.held)], ['stopped', false])
      }
    }))

  it('refuses calls that a stop cuts off as what does not run', () =>
    withThread(async ({ thread }) => {
      await thread.start()
      const stopped = thread.stop()
      const cut = assert.rejects(async () => thread.call('ready', undefined), { code: 'MSB_NOT_RUNNING' })
      await Promise.all([stopped, cut])
    }))

  it('is stopped, and can be started again, when it hangs and does not close what it has open', () =>
    withThread(async ({ thread }) => {
      await thread.start()
      const hanging = assert.rejects(thread.call('hang', undefined), { code: 'MSB_NOT_RUNNING' })
      await Promise.all([thread.stop(), hanging])
      await thread.start()
      assert.deepEqual([thread.state, thread.error], ['running', null])
    }, 100))

  it('ends when it needs more heap than it may have, and the process does not', () =>
    withThread(async ({ thread }) => {
      await thread.start()
      await assert.rejects(thread.call('fill', undefined), {
        code: 'MSB_OUT_OF_MEMORY',
        message: 'a thread needed more than 32 MB of heap',
      })
      await until(() => thread.state === 'running', 'it runs again')
      assert.equal(thread.restarts, 1)
    }))
})
