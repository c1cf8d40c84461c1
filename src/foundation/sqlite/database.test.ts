import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { MysimbdpError } from '../errors/mysimbdp-error.ts'
import { type Database, type DatabaseOptions, openDatabase } from './database.ts'
import { acquireFileLock } from './file-lock.ts'

const log = { synchronous: 'FULL', damagedCode: 'MSB_LOG_DAMAGED' } as const

function temporaryFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-sqlite-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'test.db')
}

function open(t: TestContext, path: string, options: Partial<DatabaseOptions> = {}): Database {
  const database = openDatabase(path, { ...log, ...options })
  t.after(() => database.close())
  return database
}

test('values come back as they were stored, infinity and bytes included', (t) => {
  const database = open(t, temporaryFile(t))
  database.exec('CREATE TABLE entry (id INTEGER PRIMARY KEY, number REAL, text TEXT, bytes BLOB)')
  database.prepare('INSERT INTO entry VALUES (?, ?, ?, ?)').run(2 ** 53 - 1, -Infinity, 'ä', new Uint8Array([1, 2]))
  const row = database.prepare('SELECT * FROM entry WHERE id > ?').get(7)
  assert.deepEqual({ ...row }, { id: 2 ** 53 - 1, number: -Infinity, text: 'ä', bytes: new Uint8Array([1, 2]) })
  assert.equal(database.prepare('SELECT * FROM entry WHERE id = ?').get(7), undefined)
})

test('a transaction that throws leaves nothing behind, and the next one works', (t) => {
  const database = open(t, temporaryFile(t))
  database.exec('CREATE TABLE entry (id INTEGER)')
  const insert = database.prepare('INSERT INTO entry VALUES (?)')
  const count = () => database.prepare<{ n: number }>('SELECT count(*) AS n FROM entry').get()?.n
  assert.throws(
    () =>
      database.transaction(() => {
        insert.run(1)
        throw new RangeError('stop')
      }),
    RangeError,
  )
  assert.equal(count(), 0)
  database.transaction(() => insert.run(2))
  assert.equal(count(), 1)
})

test('closing gives up an open transaction, and may be done twice', (t) => {
  const path = temporaryFile(t)
  const database = openDatabase(path, log)
  database.exec('CREATE TABLE entry (id INTEGER)')
  database.exec('BEGIN IMMEDIATE')
  database.exec('INSERT INTO entry VALUES (1)')
  database.close()
  database.close()
  assert.deepEqual(open(t, path).prepare('SELECT * FROM entry').all(), [])
})

test('a full disk is told apart, leaves the file as it was, and is no more when there is space', (t) => {
  const database = open(t, temporaryFile(t), { maxPageCount: 10 })
  database.exec('CREATE TABLE entry (bytes BLOB)')
  const insert = () =>
    database.transaction(() => database.prepare('INSERT INTO entry VALUES (?)').run(new Uint8Array(100_000)))
  assert.throws(insert, { code: 'MSB_DISK_FULL', message: /the disk is full/ })
  assert.deepEqual(database.prepare('SELECT * FROM entry').all(), [])
  database.limitPages(1000)
  insert()
  assert.ok(database.sizeBytes > 100_000)
})

test('a file that is no database gives the code its owner chose, and names the file', (t) => {
  const path = temporaryFile(t)
  writeFileSync(path, Buffer.alloc(5000, 'garbage'))
  for (const damagedCode of ['MSB_LOG_DAMAGED', 'MSB_STATE_DAMAGED'] as const) {
    for (const readOnly of [false, true]) {
      assert.throws(
        () => openDatabase(path, { ...log, damagedCode, readOnly }),
        (error) => error instanceof MysimbdpError && error.code === damagedCode && error.where.file === path,
      )
    }
  }
})

test('a path that cannot be opened is a storage failure', (t) => {
  const path = temporaryFile(t)
  mkdirSync(path)
  assert.throws(() => openDatabase(path, log), { code: 'MSB_STORAGE_FAILED' })
  assert.throws(() => openDatabase(`${path}-absent`, { ...log, readOnly: true }), { code: 'MSB_STORAGE_FAILED' })
  assert.equal(existsSync(`${path}-absent`), false)
})

test('writing through a read-only connection fails, reading sees what others commit', (t) => {
  const path = temporaryFile(t)
  const writer = open(t, path)
  writer.exec('CREATE TABLE entry (id INTEGER)')
  const reader = open(t, path, { readOnly: true })
  writer.exec('INSERT INTO entry VALUES (1)')
  assert.equal(reader.prepare('SELECT * FROM entry').all().length, 1)
  assert.throws(() => reader.exec('INSERT INTO entry VALUES (2)'), { code: 'MSB_STORAGE_FAILED' })
})

test('a wrong statement is a bug of ours', (t) => {
  const database = open(t, temporaryFile(t))
  assert.throws(() => database.prepare('SELECT * FROM absent'), {
    code: 'MSB_INTERNAL',
    message: /no such table: absent/,
  })
})

test('a file lock has one holder until it is released', (t) => {
  const path = temporaryFile(t)
  const lock = acquireFileLock(path, 'the folder')
  assert.throws(() => acquireFileLock(path, 'the folder'), {
    code: 'MSB_DATA_FOLDER_LOCKED',
    message: /^the folder is in use/,
  })
  lock.release()
  lock.release()
  acquireFileLock(path, 'the folder').release()
  assert.throws(() => acquireFileLock(join(path, 'absent'), 'the folder'), { code: 'MSB_STORAGE_FAILED' })
})

/** Begins to write into a file that has no WAL yet, gets so far that the journal matters, and is killed. */
const KILLED_IN_CREATION = `
  const database = new (require('node:sqlite').DatabaseSync)(process.argv[1])
  database.exec('PRAGMA cache_size = 1; CREATE TABLE before (id INTEGER); BEGIN; CREATE TABLE entry (bytes BLOB)')
  for (let i = 0; i < 100; i++) database.exec('INSERT INTO entry VALUES (zeroblob(20000))')
  process.kill(process.pid, 'SIGKILL')
`

test('a file whose writer was killed before it had a WAL can be read', (t) => {
  const path = temporaryFile(t)
  spawnSync(process.execPath, ['-e', KILLED_IN_CREATION, path])
  assert.ok(existsSync(`${path}-journal`), 'what was begun is there to be taken back')
  const tables = open(t, path, { readOnly: true }).prepare<{ name: string }>('SELECT name FROM sqlite_schema').all()
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['before'],
  )
})
