import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { RelayedCommit } from '../../relayed-results.ts'
import { MemoryChangelog } from '../state/memory-changelog.fixture.ts'
import { SqliteResultReader } from '../state/sqlite-result-reader.ts'
import { RelayedResultsStore } from './relayed-results-store.ts'

const NOON = Date.UTC(2024, 0, 1, 12)
const rowAt = (n: number): string =>
  `{"window":{"start":"2024-01-01T12:00:00.000Z","end":"2024-01-01T12:01:00.000Z"},"n":${n}}`

const commit = (offset: number, rows: RelayedCommit['rows'], removedKeys: readonly string[] = []): RelayedCommit => ({
  query: 'q',
  readTo: { logId: 'log', offset },
  closedUpToMs: NOON,
  rows,
  removedKeys,
})

function folderOf(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-test-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('results that another engine computed', () => {
  it('are served like those of a job, and found again from the changelog alone', async (test) => {
    const folder = folderOf(test)
    const changelog = new MemoryChangelog()
    const store = await RelayedResultsStore.open(join(folder, 'job.db'), changelog.opened())
    await store.reset('q', 'origin')
    const { changes } = await store.commit([
      commit(2, [
        { key: 'a', row: rowAt(1) },
        { key: 'b', row: rowAt(2) },
      ]),
    ])
    assert.deepEqual(changes[0]!.rows, [
      { key: 'a', windowStart: NOON, windowEnd: NOON + 60_000, row: rowAt(1) },
      { key: 'b', windowStart: NOON, windowEnd: NOON + 60_000, row: rowAt(2) },
    ])
    await store.commit([commit(3, [{ key: 'a', row: rowAt(3) }], ['b'])])
    await store.close()

    const heir = await RelayedResultsStore.open(join(folder, 'other.db'), changelog.opened())
    assert.deepEqual(heir.queries(), [{ query: 'q', origin: 'origin', readTo: { logId: 'log', offset: 3 } }])
    assert.deepEqual([heir.rowOf('q', 'a'), heir.rowOf('q', 'b')], [rowAt(3), null])
    await heir.close()
    const reader = new SqliteResultReader(join(folder, 'other.db'))
    assert.deepEqual(
      [...reader.rows('q')].map(({ key, windowStart }) => [key, windowStart]),
      [['a', NOON]],
    )
    reader.close()
  })

  it('go with their place when they are computed anew, from the topic too', async (test) => {
    const changelog = new MemoryChangelog()
    const store = await RelayedResultsStore.open(join(folderOf(test), 'job.db'), changelog.opened())
    await store.reset('q', 'first')
    await store.commit([commit(1, [{ key: 'a', row: rowAt(1) }])])
    await store.reset('q', 'second')
    assert.deepEqual(store.queries(), [{ query: 'q', origin: 'second', readTo: null }])
    assert.equal(store.rowOf('q', 'a'), null)
    assert.deepEqual(changelog.committed.at(-1)!.results, [{ query: 'q', key: 'a', row: null }])
    await store.close()
  })

  it('are written by one at a time', async (test) => {
    const folder = folderOf(test)
    const changelog = new MemoryChangelog()
    const former = await RelayedResultsStore.open(join(folder, 'former.db'), changelog.opened())
    await former.reset('q', 'origin')
    const heir = await RelayedResultsStore.open(join(folder, 'heir.db'), changelog.opened())
    await assert.rejects(former.commit([commit(1, [{ key: 'a', row: rowAt(1) }])]), /fenced/)
    await heir.commit([commit(1, [{ key: 'a', row: rowAt(1) }])])
    await former.close()
    await heir.close()
  })
})
