import assert from 'node:assert/strict'
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { rebuild, run, segmentsOf, useFinishedRun } from './finished-run.ts'
import { assertRefused, commandLine, EXIT } from './product-process.ts'

const { withRun } = useFinishedRun({ before, after })

function overwrite(file: string, share: number, bytes: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(bytes, 0xa5), 0, bytes, Math.floor(statSync(file).size * share))
  closeSync(descriptor)
}

const middle = (segments: readonly string[]): string => segments[Math.floor(segments.length / 2)]!

describe('a log that is damaged', () => {
  const HARM: Readonly<Record<string, (segments: readonly string[]) => void>> = {
    'by other bytes in the middle of a segment': (segments) => overwrite(middle(segments), 0.5, 30_000),
    'by a segment cut in half': (segments) => truncateSync(middle(segments), statSync(middle(segments)).size / 2),
    'by a lost segment in the middle': (segments) => rmSync(middle(segments)),
    'by a lost segment at the end': (segments) => rmSync(segments.at(-1)!),
  }
  for (const [what, harm] of Object.entries(HARM)) {
    it(`${what} is not rebuilt from, and once it is restored all is as it was`, () =>
      withRun(async (data, document) => {
        const segments = segmentsOf(data)
        assert.ok(segments.length >= 3, `${segments.length} segments`)
        cpSync(join(data, 'log'), `${data}.backup`, { recursive: true })
        harm(segments)
        assertRefused(
          await rebuild(data),
          EXIT.external,
          /log[\s\S]*Restore the file from a backup[\s\S]*MSB_LOG_DAMAGED/,
        )
        rmSync(join(data, 'log'), { recursive: true })
        cpSync(`${data}.backup`, join(data, 'log'), { recursive: true })
        assert.equal((await rebuild(data)).status, EXIT.done)
        assert.equal((await run(data)).stdout, document)
      }))
  }

  it('is what a finished run says when its log is gone, and its results are not replaced by nothing', () =>
    withRun(async (data, document) => {
      cpSync(join(data, 'log'), `${data}.backup`, { recursive: true })
      rmSync(join(data, 'log'), { recursive: true })
      const says = /the log of 'tenantstreamapp_ingestData' holds 0 records, and the run had read 10\d\d\d/
      for (const command of [run, rebuild, run]) assertRefused(await command(data), EXIT.external, says)
      rmSync(join(data, 'log'), { recursive: true })
      cpSync(`${data}.backup`, join(data, 'log'), { recursive: true })
      assert.equal((await run(data)).stdout, document)
    }))
})

describe('a state file', () => {
  const HARM: Readonly<Record<string, (file: string) => void>> = {
    'of other bytes': (file) => writeFileSync(file, 'garbage'.repeat(1000)),
    'with other bytes at its start': (file) => overwrite(file, 0, 200),
    'with other bytes in its middle': (file) => overwrite(file, 0.2, statSync(file).size / 2),
    'cut in half': (file) => truncateSync(file, statSync(file).size / 2),
    'that is empty': (file) => truncateSync(file, 0),
    'that is gone': (file) => rmSync(file),
  }
  for (const [what, harm] of Object.entries(HARM)) {
    it(`${what} is named, and a rebuild gives exactly the same results`, () =>
      withRun(async (data, document) => {
        harm(join(data, 'job.db'))
        const said = await run(data)
        // Rows before the damage may already be out; the exit code says that they are not all.
        assertRefused(
          { ...said, stdout: '' },
          EXIT.external,
          /state file[\s\S]*mysimbdp rebuild[\s\S]*MSB_STATE_DAMAGED/,
        )
        const { status, stderr } = await rebuild(data)
        assert.equal(status, EXIT.done)
        assert.match(stderr, /^rebuilt all queries from 10\d,\d\d\d records of the log\n$/)
        assert.equal((await run(data)).stdout, document)
      }))
  }
})

describe('run.json', () => {
  const BROKEN = ['', 'garbage', 'null', '5', '[]', '{}', '{"identity":{}}', '{"identity":{"app":"x"},"finished":{}}']
  it('that is damaged is named and left alone', () =>
    withRun(async (data, document) => {
      const file = join(data, 'run.json')
      const whole = readFileSync(file, 'utf8')
      for (const content of [...BROKEN, whole.slice(0, -20), whole.replace(/"read": \d+/, '"read": "all"')]) {
        writeFileSync(file, content)
        for (const command of [run, rebuild])
          assertRefused(await command(data), EXIT.external, /run\.json' is damaged[\s\S]*another folder with --data/)
        assert.equal(readFileSync(file, 'utf8'), content)
      }
      writeFileSync(file, whole)
      assert.equal((await run(data)).stdout, document)
    }))

  it('that cannot be read is named', () =>
    withRun(async (data) => {
      rmSync(join(data, 'run.json'))
      mkdirSync(join(data, 'run.json'))
      for (const command of [run, rebuild])
        assertRefused(await command(data), EXIT.external, /run\.json' cannot be read: .*[\s\S]*MSB_STORAGE_FAILED/)
    }))

  it('that is gone leaves a log that no other input may be mixed into', () =>
    withRun(async (data) => {
      rmSync(join(data, 'run.json'))
      assertRefused(
        await run(data),
        EXIT.user,
        /holds a log or state, and no run\.json[\s\S]*another folder with --data/,
      )
      assertRefused(await rebuild(data), EXIT.user, /there is no run in/)
      const list = await commandLine('dead-letters', 'list', '--data', data, '--limit', '1')
      assert.match(list.stdout, /^tenantstreamapp_ingestData: \d+ rejected records\n/)
    }))
})

it('a folder that is none is named', () =>
  withRun(async (data) => {
    const file = join(data, 'run.json')
    assertRefused(await run(file), EXIT.external, /cannot be used as a data folder: it is a file/)
    assertRefused(await rebuild(file), EXIT.user, /there is no run in/)
    assertRefused(await commandLine('dead-letters', 'list', '--data', file), EXIT.user, /there is no log in/)
    assertRefused(
      await commandLine('dead-letters', 'show', '0', '--data', data, '--topic', 'nope'),
      EXIT.user,
      /there is no log 'nope'; there is tenantstreamapp_ingestData/,
    )
    assertRefused(await rebuild(data, '--query', 'nope'), EXIT.user, /has no query 'nope'; it has sumFareWindow, /)
  }))
