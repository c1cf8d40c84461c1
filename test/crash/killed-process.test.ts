import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import taxi from '../../examples/chicago-taxi/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'

const SEEDS = [1, 2, 3, 4, 5]
const KILLS = 3
const RECORDS = 120_000
const APPEND_QUERY = 'hotspotWindow'

function start(input: string, data: string, out: string): ChildProcess {
  const args = [
    'bin/mysimbdp.js',
    'run',
    'examples/chicago-taxi',
    '--input',
    `ingestData=${input}`,
    '--as-stream',
    '--data',
    data,
    '--format',
    'json',
    '--out',
    out,
  ]
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function finish(child: ChildProcess): Promise<void> {
  let errors = ''
  child.stderr!.on('data', (text) => (errors += String(text)))
  const [code] = await once(child, 'exit')
  assert.equal(code, 0, errors)
}

/** Rows of the append query that a reader sees while the process writes: each must be final. */
function collectRows(data: string, seen: Map<string, string>): void {
  if (!existsSync(join(data, 'job.db'))) return
  const reader = embeddedPlatform.openResults(data)
  try {
    for (const { key, row } of reader.rows(APPEND_QUERY)) {
      assert.equal(seen.get(key) ?? row, row, `row ${key} of an append query changed`)
      seen.set(key, row)
    }
  } catch (error) {
    // Before the tables are made there is nothing to read.
    if (!(error as Error).message.includes('no such table')) throw error
  } finally {
    reader.close()
  }
}

/** Lets the process work for a while and kills it; false when it ended before. */
async function killAfter(child: ChildProcess, ms: number): Promise<boolean> {
  const ended = once(child, 'exit')
  await Promise.race([delay(ms), ended])
  if (child.exitCode !== null) return false
  child.kill('SIGKILL')
  await ended
  return true
}

/** Trips with some of them out of place by up to a few thousand records, so that there is lateness of every degree. */
function writeInput(path: string, seed: number): void {
  const random = new Seeded(seed)
  const lines = [
    ...taxi.streams.ingestData!.sample!.generate({
      records: RECORDS,
      seed,
      date: '2024-04-13',
      timeZone: 'America/Chicago',
      faults: 0.001,
    }),
  ]
  for (let i = 0; i < lines.length; i++) {
    if (!random.chance(0.02)) continue
    const j = Math.min(lines.length - 1, i + random.between(1, random.pick([5, 50, 3000])))
    ;[lines[i], lines[j]] = [lines[j]!, lines[i]!]
  }
  writeFileSync(path, lines.join('\n'))
}

describe('SIGKILL of the real process under load', () => {
  for (const seed of SEEDS) {
    it(`seed ${seed}: at least ${KILLS} kills, and the results are those of a run without`, async () => {
      await withScratchFolder(async (folder) => {
        const input = join(folder, 'trips.ndjson')
        writeInput(input, seed)
        await finish(start(input, join(folder, 'calm'), join(folder, 'calm.json')))
        const random = new Seeded(seed)
        const seen = new Map<string, string>()
        const data = join(folder, 'killed')
        let kills = 0
        for (let attempts = 0; kills < KILLS && attempts < 20; attempts++) {
          if (!(await killAfter(start(input, data, join(folder, 'killed.json')), random.between(350, 1200)))) break
          kills++
          collectRows(data, seen)
        }
        await finish(start(input, data, join(folder, 'killed.json')))
        collectRows(data, seen)
        assert.ok(kills >= KILLS, `${kills} kills`)
        assert.equal(readFileSync(join(folder, 'killed.json'), 'utf8'), readFileSync(join(folder, 'calm.json'), 'utf8'))
      })
    })
  }
})
