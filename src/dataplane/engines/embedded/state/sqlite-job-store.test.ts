import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { openDatabase } from '#foundation/sqlite/database.ts'
import { jobStoreContract } from './job-store.contract.ts'
import { NO_STATE } from './job-store.ts'
import { SqliteJobStore, STATE_FORMAT } from './sqlite-job-store.ts'
import { SqliteResultReader } from './sqlite-result-reader.ts'

function newBench() {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-job-store-'))
  const file = join(folder, 'job.db')
  return {
    file,
    open: () => new SqliteJobStore(file),
    read: () => new SqliteResultReader(file),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

jobStoreContract('the SQLite job store', newBench)

const bigCommit = (rows: number) => ({
  query: 'q',
  positions: [],
  closedUpToMs: 0,
  rows: Array.from({ length: rows }, (_, i) => ({
    key: String(i),
    windowStart: i,
    windowEnd: i + 1,
    row: `{"text":"${'x'.repeat(500)}"}`,
  })),
  removedKeys: [],
  late: [],
  takeState: () => NO_STATE,
})

it('a full disk is an error that says so, changes nothing, and is over when there is space', () => {
  const bench = newBench()
  try {
    const store = new SqliteJobStore(bench.file, { maxPageCount: 60 })
    store.resetQuery('q', 'f')
    assert.throws(() => store.commit([bigCommit(1000)]), { code: 'MSB_DISK_FULL' })
    store.commit([bigCommit(10)])
    store.close()
    const roomy = bench.open()
    roomy.commit([bigCommit(1000)])
    roomy.close()
    const reader = bench.read()
    assert.equal(reader.rowCount('q'), 1000)
    reader.close()
  } finally {
    bench.dispose()
  }
})

it('a commit that fails changes nothing', () => {
  const bench = newBench()
  const store = bench.open()
  try {
    store.resetQuery('q', 'f')
    const late = { partition: 0, offset: 7, eventTimeMs: 100, windows: [0], record: '{}' }
    store.commit([{ ...bigCommit(1), late: [late], closedUpToMs: 500 }])
    // The same late record twice cannot be: it stands for any failure in the middle of a commit.
    assert.throws(() => store.commit([{ ...bigCommit(2), late: [late], closedUpToMs: 900 }]))
    const reader = bench.read()
    assert.equal(reader.rowCount('q'), 1)
    reader.close()
    assert.equal(store.loadState('q').closedUpToMs, 500)
  } finally {
    store.close()
    bench.dispose()
  }
})

for (const [what, damage] of [
  [
    'garbage',
    (file: string) =>
      writeFileSync(
        file,
        'this is no database, whatever its name says, and it is long enough to be read as a header of one',
      ),
  ],
  ['cut in the middle', (file: string) => truncateSync(file, 6000)],
] as const) {
  it(`a file that is ${what} is named as damaged`, () => {
    const bench = newBench()
    try {
      const store = bench.open()
      store.resetQuery('q', 'f')
      store.commit([bigCommit(100)])
      store.close()
      damage(bench.file)
      assert.throws(
        () => {
          const damaged = bench.open()
          try {
            damaged.queries()
            damaged.loadState('q')
            damaged.commit([bigCommit(1000)])
          } finally {
            damaged.close()
          }
        },
        { code: 'MSB_STATE_DAMAGED' },
      )
    } finally {
      bench.dispose()
    }
  })
}

it('a file of format 1 keeps its results, and its queries are those of another format', () => {
  const bench = newBench()
  try {
    const old = openDatabase(bench.file, { synchronous: 'NORMAL', damagedCode: 'MSB_STATE_DAMAGED' })
    old.exec(`
      CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE query (query TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, closed_up_to_ms REAL, late_records INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
      CREATE TABLE result (query TEXT, key TEXT, window_start INTEGER, window_end INTEGER, row TEXT NOT NULL, PRIMARY KEY (query, key)) WITHOUT ROWID;
      CREATE TABLE late (query TEXT, partition INTEGER, offset INTEGER, event_time_ms INTEGER NOT NULL, windows TEXT NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (query, partition, offset)) WITHOUT ROWID;
      INSERT INTO fact VALUES ('format', '1');
      INSERT INTO query (query, fingerprint, late_records) VALUES ('q', '1:f', 1);
      INSERT INTO result VALUES ('q', '0', 0, 10, '{}');
      INSERT INTO late VALUES ('q', 0, 3, 5, '[0]', '{}');
    `)
    old.close()
    for (let opening = 0; opening < 2; opening++) {
      const store = bench.open()
      assert.equal(store.fact('format'), String(STATE_FORMAT))
      assert.deepEqual(
        store.queries().map(({ fingerprint, lateRecords, boundMs }) => [fingerprint, lateRecords, boundMs]),
        [['1:f', 1, Number.NEGATIVE_INFINITY]],
      )
      store.close()
    }
    const reader = bench.read()
    assert.deepEqual(
      [...reader.rows('q')].map(({ key, carriedOver }) => [key, carriedOver]),
      [['0', false]],
    )
    assert.equal([...reader.late('q')].length, 1)
    reader.close()
  } finally {
    bench.dispose()
  }
})
