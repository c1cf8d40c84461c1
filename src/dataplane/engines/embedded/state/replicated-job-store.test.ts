import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { armFaults, disarmFaults, type FaultPoint, SimulatedCrash } from '#foundation/faults/fault-points.ts'
import { openDatabase, removeDatabase } from '#foundation/sqlite/database.ts'
import { jobStoreContract } from './job-store.contract.ts'
import type { JobStore, QueryCommit } from './job-store.ts'
import { MemoryChangelog } from './memory-changelog.fixture.ts'
import { ReplicatedJobStore } from './replicated-job-store.ts'
import { SqliteResultReader } from './sqlite-result-reader.ts'

const newFile = () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-replicated-'))
  return { file: join(folder, 'job.db'), dispose: () => rmSync(folder, { recursive: true, force: true }) }
}

jobStoreContract('the replicated job store', () => {
  const { file, dispose } = newFile()
  const changelog = new MemoryChangelog()
  return {
    open: () => ReplicatedJobStore.open(file, changelog.opened()),
    read: () => new SqliteResultReader(file),
    dispose,
  }
})

const TABLES = ['query', 'position', 'result', 'late', 'state_group', 'state_page']

/** All that matters in a file: whole tables. */
function contentsOf(file: string): unknown {
  const database = openDatabase(file, { synchronous: 'NORMAL', damagedCode: 'MSB_STATE_DAMAGED', readOnly: true })
  try {
    return TABLES.map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).all())
  } finally {
    database.close()
  }
}

const rowOf = (window: number, n: number) => ({
  key: String(window),
  windowStart: window,
  windowEnd: window + 1000,
  row: JSON.stringify({
    window: { start: new Date(window).toISOString(), end: new Date(window + 1000).toISOString() },
    n,
  }),
})

/** The n-th commit of a job: it adds, changes and removes something of everything. */
function commitNumber(n: number): QueryCommit {
  const page = (number: number) => ({ page: number, paneStart: -1000 * n, body: Uint8Array.of(n, number) })
  return {
    query: 'q',
    positions: [
      { partition: 0, offset: n, generation: 'g1', maxEventTime: n === 1 ? Number.NEGATIVE_INFINITY : n, revision: 0 },
      { partition: 1, offset: 2 * n, generation: 'g2', maxEventTime: n, revision: 1 },
    ],
    closedUpToMs: n === 1 ? Number.NEGATIVE_INFINITY : 1000 * n,
    rows: [
      rowOf(1000 * n, n),
      rowOf(5000, n),
      { ...rowOf(0, 0), key: `0|${n}`, windowStart: null, windowEnd: null, row: `{"n":${n}}` },
    ],
    removedKeys: n > 2 ? [String(1000 * (n - 2))] : [],
    late: [{ partition: 1, offset: n, eventTimeMs: n, windows: [1, 2], record: '{"a":"ä"}' }],
    takeState: () => ({
      groups: { added: [{ id: n, key: `k${n}`, fields: '"k":1,' }], removed: n > 1 ? [n - 1] : [] },
      panes: { written: [page(n), page(0)], dropped: n > 1 ? [n - 1] : [] },
      patches: { written: [page(7)], dropped: [] },
      keys: { written: [page(3 + n)], dropped: n > 1 ? [3 + n - 1] : [] },
    }),
  }
}

describe('the file of a replicated job store', () => {
  let changelog: MemoryChangelog
  let file: string
  let dispose: () => void
  const open = () => ReplicatedJobStore.open(file, changelog.opened())

  beforeEach(() => {
    changelog = new MemoryChangelog()
    ;({ file, dispose } = newFile())
  })
  afterEach(() => {
    disarmFaults()
    dispose()
  })

  async function commits(store: JobStore, from: number, to: number): Promise<void> {
    for (let n = from; n <= to; n++) await store.commit([commitNumber(n)])
  }

  async function assertCopyEqualsFresh(): Promise<void> {
    await (await open()).close()
    const copy = contentsOf(file)
    removeDatabase(file)
    await (await open()).close()
    assert.deepEqual(contentsOf(file), copy)
  }

  it('comes back from the changelog when it is lost', async () => {
    const store = await open()
    await store.resetQuery('q', 'f')
    await store.resetQuery('other', 'g')
    await commits(store, 1, 6)
    await store.close()
    const before = contentsOf(file)
    removeDatabase(file)
    await (await open()).close()
    assert.deepEqual(contentsOf(file), before)
  })

  it('comes back after queries were reset, adopted and removed, with what a rebuild carried over', async () => {
    const store = await open()
    for (const query of ['q', 'other', 'gone']) await store.resetQuery(query, 'f')
    await commits(store, 1, 5)
    await store.commit([{ ...commitNumber(2), query: 'gone' }])
    await store.commit([{ ...commitNumber(2), query: 'other' }])
    await store.removeQuery('gone')
    await store.adoptQuery('other', 'f2', { closedOnly: true })
    await store.resetQuery('q', 'f3', { boundMs: 4000, starts: [0, 3] })
    await commits(store, 6, 7)
    await store.close()
    await assertCopyEqualsFresh()
  })

  for (const point of [
    'job.changelog-begun',
    'job.changelog-committed',
    'job.results-written',
    'job.committed',
  ] as const)
    it(`is brought up to date after a crash at ${point}`, async () => {
      const store = await open()
      await store.resetQuery('q', 'f')
      await commits(store, 1, 2)
      await crashAt(point, () => commits(store, 3, 3))
      await store.close()
      const again = await open()
      const seen = again.queries()[0]!.positions[0]!.offset
      assert.equal(seen, point === 'job.changelog-begun' ? 2 : 3)
      await commits(again, seen + 1, 6)
      await again.close()
      await assertCopyEqualsFresh()
    })

  it('is filled anew where the changelog no longer holds what it lacks', async () => {
    const store = await open()
    await store.resetQuery('q', 'f')
    await commits(store, 1, 3)
    await store.close()
    changelog.forgotten = changelog.committed.length + 1
    await assertCopyEqualsFresh()
  })

  it('is not written by an instance whose job was taken over', async () => {
    const first = await open()
    await first.resetQuery('q', 'f')
    const second = await open()
    await assert.rejects(commits(first, 1, 1))
    await commits(second, 1, 1)
    assert.equal(second.queries()[0]!.positions[0]!.offset, 1)
    await first.close()
    await second.close()
  })
})

async function crashAt(wanted: FaultPoint, work: () => Promise<void>): Promise<void> {
  armFaults((point) => {
    if (point === wanted) throw new SimulatedCrash(point)
  })
  await assert.rejects(work, SimulatedCrash)
  disarmFaults()
}
