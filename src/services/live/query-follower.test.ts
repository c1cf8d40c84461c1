import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { NO_STATE, type ResultRow } from '#dataplane/engines/embedded/state/job-store.ts'
import { SqliteJobStore } from '#dataplane/engines/embedded/state/sqlite-job-store.ts'
import { SqliteResultReader } from '#dataplane/engines/embedded/state/sqlite-result-reader.ts'
import type { JobCommit } from '#dataplane/engines/engine.ts'
import { LiveResults, parsePosition } from './live-results.ts'
import { type FollowedRows, QueryFollower } from './query-follower.ts'

const rowOf = (key: number, version: number): ResultRow => ({
  key: String(key),
  windowStart: key,
  windowEnd: key + 1,
  row: `{"version":${version}}`,
})

/** A real state file with versions of rows in it, and news of its commits that arrive when they are let through. */
class Job {
  readonly results: LiveResults
  readonly #folder = mkdtempSync(join(tmpdir(), 'mysimbdp-follower-'))
  readonly #path = join(this.#folder, 'job.db')
  #store = new SqliteJobStore(this.#path)
  #unheard: JobCommit[] = []
  #version = 0

  constructor(keptBytes?: number) {
    this.results = new LiveResults(keptBytes === undefined ? {} : { keptBytes })
    this.#store.resetQuery('q', 'f')
    this.#unheard.push({ position: this.#store.beginGeneration(), changes: [], read: [] })
  }

  /** `tooMany`: the commit has more rows than a job hands around. */
  commit(keys: readonly number[], removed: readonly number[] = [], { tooMany = false } = {}): void {
    const rows = keys.map((key) => rowOf(key, ++this.#version))
    const removedKeys = removed.map(String)
    const nothing = { closedUpToMs: 0, positions: [], late: [], takeState: () => NO_STATE }
    const position = this.#store.commit([{ query: 'q', ...nothing, rows, removedKeys }])
    const rowsWritten = rows.length
    this.#unheard.push({
      position,
      changes: [{ query: 'q', rows: tooMany ? null : rows, rowsWritten, removedKeys }],
      read: [],
    })
  }

  /** Lets the oldest news through. */
  hear(): void {
    const commit = this.#unheard.shift()
    if (commit !== undefined) this.results.publish(commit)
  }

  hearAll(): void {
    while (this.#unheard.length > 0) this.hear()
  }

  /** The job dies, with news on their way or not, and is opened again. */
  restart(heard: boolean): void {
    if (!heard) this.#unheard = []
    this.#store.close()
    this.#store = new SqliteJobStore(this.#path)
    this.#unheard.push({ position: this.#store.beginGeneration(), changes: [], read: [] })
  }

  follow(from?: string, selection: FollowedRows = {}): QueryFollower {
    const openReader = () => new SqliteResultReader(this.#path)
    return new QueryFollower({
      results: this.results,
      openReader,
      query: 'q',
      selection,
      from: from === undefined ? undefined : parsePosition(from),
    })
  }

  get rows(): ReadonlyMap<string, string> {
    const reader = new SqliteResultReader(this.#path)
    const rows = new Map([...reader.rows('q')].map(({ key, row }) => [key, row]))
    reader.close()
    return rows
  }

  close(): void {
    this.#store.close()
    rmSync(this.#folder, { recursive: true })
  }
}

/** What somebody knows who applies all news, and checks that no row steps back. */
class Reader {
  rows = new Map<string, string>()
  id: string | undefined
  snapshots = 0
  #pending: Map<string, string> | null = null

  /** Takes at most `most` news. */
  take(follower: QueryFollower, most = Number.POSITIVE_INFINITY): void {
    for (let taken = 0; taken < most; taken++) {
      const news = follower.next()
      if (news === undefined) return
      if (news.kind === 'snapshot') {
        if (news.first) this.#pending = new Map()
        for (const { key, row } of news.rows) this.#pending!.set(key, row)
        continue
      }
      if (news.kind === 'snapshot-end') {
        this.snapshots++
        assert.equal(this.#pending!.size, news.rowCount)
        for (const [key, row] of this.#pending!) this.#checkNoStepBack(key, row)
        this.rows = this.#pending!
      } else {
        for (const key of news.removedKeys) this.rows.delete(key)
        for (const { key, row } of news.rows) {
          this.#checkNoStepBack(key, row)
          this.rows.set(key, row)
        }
      }
      this.id = news.id
    }
  }

  #checkNoStepBack(key: string, row: string): void {
    const versionOf = (text: string): number => (JSON.parse(text) as { version: number }).version
    const known = this.rows.get(key)
    if (known !== undefined) assert.ok(versionOf(row) >= versionOf(known), `${key} steps back from ${known} to ${row}`)
  }
}

function withJob(work: (job: Job) => void, keptBytes?: number): void {
  const job = new Job(keptBytes)
  try {
    work(job)
  } finally {
    job.close()
  }
}

const keys = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

describe('a follower of a query', () => {
  it('gets all rows however many there are, in pieces, and then the changes', () =>
    withJob((job) => {
      job.commit(keys(1700))
      job.hearAll()
      const [follower, reader] = [job.follow(), new Reader()]
      const first = follower.next()
      assert.deepEqual(first?.kind === 'snapshot' && [first.first, first.rows.length], [true, 500])
      follower.close()
      const again = job.follow()
      reader.take(again)
      assert.deepEqual(reader.rows, job.rows)
      job.commit([3], [4])
      job.hear()
      reader.take(again)
      assert.deepEqual([reader.rows, reader.snapshots], [job.rows, 1])
    }))

  it('does not see a commit again that its snapshot has seen before the news of it came', () =>
    withJob((job) => {
      job.hear()
      job.commit([1])
      job.commit([1])
      const [follower, reader] = [job.follow(), new Reader()]
      reader.take(follower)
      job.hearAll()
      assert.equal(follower.next(), undefined)
      assert.equal(reader.rows.get('1'), '{"version":2}')
    }))

  it('whose snapshot shows a job that has only just begun waits for news of it', () =>
    withJob((job) => {
      job.commit([1])
      job.hearAll()
      job.restart(true)
      const [follower, reader] = [job.follow(), new Reader()]
      reader.take(follower, 2)
      assert.deepEqual([reader.snapshots, follower.next()], [1, undefined])
      job.commit([1])
      job.hearAll()
      reader.take(follower)
      assert.deepEqual([reader.rows, reader.snapshots], [job.rows, 1])
    }))

  it('goes on where it stood, in the middle of a large commit too', () =>
    withJob((job) => {
      job.hearAll()
      const reader = new Reader()
      reader.take(job.follow())
      job.commit(keys(1200))
      job.hear()
      reader.take(job.follow(reader.id), 2)
      assert.match(reader.id!, /-1\.2$/)
      assert.equal(reader.rows.size, 1000)
      reader.take(job.follow(reader.id))
      assert.deepEqual([reader.rows, reader.snapshots], [job.rows, 1])
    }))

  it('gets a new snapshot after a commit of more rows than are handed around, and not again for the next', () =>
    withJob((job) => {
      job.hearAll()
      const [follower, reader] = [job.follow(), new Reader()]
      reader.take(follower)
      job.commit([1])
      job.commit([1, 2, 3], [], { tooMany: true })
      job.hearAll()
      reader.take(follower)
      assert.deepEqual([reader.rows, reader.snapshots], [job.rows, 2])
      job.commit([2])
      job.hearAll()
      reader.take(follower)
      assert.deepEqual([reader.rows, reader.snapshots], [job.rows, 2])
    }))

  it('that falls behind what is kept gets a new snapshot, and costs no memory meanwhile', () =>
    withJob((job) => {
      job.hearAll()
      const [follower, reader] = [job.follow(), new Reader()]
      reader.take(follower)
      for (let i = 0; i < 40; i++) job.commit([i])
      job.hearAll()
      reader.take(follower)
      assert.deepEqual([reader.rows, reader.snapshots], [job.rows, 2])
    }, 5000))

  it('with an id of another opening of the state, or of none, gets a snapshot', () =>
    withJob((job) => {
      job.commit([1])
      job.hearAll()
      const reader = new Reader()
      reader.take(job.follow())
      job.restart(true)
      job.hearAll()
      for (const id of [reader.id!, 'another-1', `${job.results.last.generation}-99`, 'nonsense']) {
        assert.equal(job.follow(id).next()?.kind, 'snapshot', id)
      }
    }))

  it('may ask for the newest rows only, or for some', () =>
    withJob((job) => {
      job.commit(keys(20))
      job.hearAll()
      const newest = new Reader()
      newest.take(job.follow(undefined, { latest: 3 }))
      assert.deepEqual([...newest.rows.keys()], ['19', '18', '17'])
      const [some, follower] = [new Reader(), job.follow(undefined, { fromMs: 5, toMs: 7 })]
      some.take(follower)
      job.commit([4, 5])
      job.hear()
      some.take(follower)
      assert.deepEqual(
        [...some.rows],
        [...job.rows].filter(([key]) => key === '5' || key === '6'),
      )
    }))

  it('sees no gap and no step back, whatever happens in which order', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          commit: fc.array(fc.nat(700), { maxLength: 3 }),
          removed: fc.array(fc.nat(700), { maxLength: 1 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ bulk: fc.constant(700) }) },
      { weight: 4, arbitrary: fc.constant('hear' as const) },
      { weight: 4, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 1, arbitrary: fc.constant('reconnect' as const) },
      { weight: 1, arbitrary: fc.record({ restart: fc.boolean() }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(undefined, 4000), (steps, keptBytes) =>
        withJob((job) => {
          let follower = job.follow()
          const reader = new Reader()
          for (const one of steps) {
            if (one === 'hear') job.hear()
            else if (one === 'reconnect') {
              follower.close()
              follower = job.follow(reader.id)
            } else if ('commit' in one) job.commit(one.commit, one.removed)
            else if ('bulk' in one) job.commit(keys(one.bulk))
            else if ('take' in one) reader.take(follower, one.take)
            else job.restart(one.restart)
          }
          job.hearAll()
          reader.take(follower)
          assert.deepEqual(reader.rows, job.rows)
        }, keptBytes),
      ),
      { numRuns: 60, seed: 7 },
    )
  })
})
