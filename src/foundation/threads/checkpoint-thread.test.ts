import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { openDatabase } from '../sqlite/database.ts'
import { eventsHandled } from '../time/timers.ts'
import { type CheckpointThread, requestCheckpoint, startCheckpointThread } from './checkpoint-thread.ts'

const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-checkpoint-'))
let thread: CheckpointThread
before(() => {
  thread = startCheckpointThread()
})
after(async () => {
  await thread.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('keeps the WAL of a file small while its writer commits and never checkpoints', async () => {
  const path = join(folder, 'written.db')
  const database = openDatabase(path, {
    synchronous: 'NORMAL',
    damagedCode: 'MSB_LOG_DAMAGED',
    autoCheckpointPages: 1_000_000,
  })
  database.exec('CREATE TABLE piece (number INTEGER PRIMARY KEY, body BLOB)')
  const insert = database.prepare('INSERT INTO piece (body) VALUES (?)')
  const body = new Uint8Array(64 * 1024)
  // The size of the file does not fall when the WAL begins anew, but a WAL that begins anew writes over what was there.
  const grown = (): number => statSync(`${path}-wal`).size
  let written = 0
  do {
    database.transaction(() => insert.run(body))
    written += body.length
    requestCheckpoint(path)
    await eventsHandled()
  } while (grown() > written / 2)
  assert.ok(written > 0)
  database.close()
})

it('does not bring back a file that was deleted', async () => {
  const [gone, there] = [join(folder, 'gone.db'), join(folder, 'there.db')]
  const database = openDatabase(there, { synchronous: 'FULL', damagedCode: 'MSB_LOG_DAMAGED' })
  database.exec('CREATE TABLE piece (number INTEGER PRIMARY KEY)')
  requestCheckpoint(gone)
  // What is asked for later is done later: when this one is done, so is the one before.
  while (!database.checkpoint()) await eventsHandled()
  const sizeBefore = statSync(there).size
  database.exec('CREATE TABLE other (number INTEGER PRIMARY KEY)')
  do {
    requestCheckpoint(there)
    await eventsHandled()
  } while (statSync(there).size === sizeBefore)
  assert.equal(existsSync(gone), false)
  database.close()
})
