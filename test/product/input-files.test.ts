import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { withScratchFolder } from '../support/scratch-folder.ts'
import {
  assertRefused,
  commandLine,
  deadLettersIn,
  documentOf,
  EXIT,
  mysimbdp,
  type Said,
  started,
} from './product-process.ts'

const APP = 'test/product/every-type'
const record = (id: string): string => `{"id":"${id}","at":1712000000000}\n`
const THREE = record('a') + record('b') + record('c')
const CSV = 'id,at\na,1712000000000\nb,1712000000000\n'
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')

const withFile = <T>(name: string, content: string | Uint8Array, work: (path: string) => Promise<T>): Promise<T> =>
  withScratchFolder((folder) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return work(path)
  })

const run = (...inputs: readonly string[]): Promise<Said> =>
  commandLine('run', APP, '--format', 'json', ...inputs.flatMap((input) => ['--input', input]))

/** Name, content, and how many records of it are read and rejected. */
const READABLE: readonly (readonly [
  what: string,
  name: string,
  content: string | Uint8Array,
  read: number,
  rejected: number,
])[] = [
  ['nothing', 'i.ndjson', '', 0, 0],
  ['only line ends', 'i.ndjson', '\n\r\n\n', 0, 0],
  ['a CSV header', 'i.csv', 'id,at\n', 0, 0],
  ['a CSV header without line end', 'i.csv', 'id,at', 0, 0],
  ['gzip of nothing', 'i.ndjson.gz', gzipSync(''), 0, 0],
  ['a UTF-8 byte order mark', 'i.ndjson', `\ufeff${THREE}`, 3, 0],
  ['a UTF-8 byte order mark before a CSV header', 'i.csv', `\ufeff${CSV}`, 2, 0],
  ['a byte order mark alone', 'i.ndjson', '\ufeff', 0, 0],
  ['Windows line ends', 'i.ndjson', THREE.replaceAll('\n', '\r\n'), 3, 0],
  ['Latin-1 in one line', 'i.ndjson', Buffer.from(THREE.replace('"b"', '"caf\u00e9"'), 'latin1'), 3, 1],
  ['a last record without line end', 'i.ndjson', THREE.trimEnd(), 3, 0],
  ['a last record that is cut', 'i.ndjson', THREE.slice(0, -9), 3, 1],
  ['gzip under a name of CSV', 'i.csv', gzipSync(CSV), 2, 0],
  ['gzip without a name of gzip', 'export', gzipSync(THREE), 3, 0],
  ['two gzip files in one', 'i.ndjson.gz', Buffer.concat([gzipSync(THREE), gzipSync(THREE)]), 6, 0],
  ['CSV under a name of JSON', 'i.ndjson', CSV, 3, 3],
  ['a JSON list', 'i.json', `[\n${record('a').trimEnd()},\n${record('b')}]\n`, 4, 3],
  ['a zero byte between records', 'i.ndjson', `${record('a')}\u0000\n${record('b')}`, 3, 1],
]

describe('a file that holds', () => {
  for (const [what, name, content, read, rejected] of READABLE) {
    it(`${what}: ${read} records, ${rejected} rejected`, () =>
      withFile(name, content, async (path) => {
        const said = await run(path)
        const { input, queries } = documentOf(said)
        assert.deepEqual(input, { events: { read, accepted: read - rejected, rejected } })
        assert.equal(queries.ids!.rows.length, read - rejected)
        assert.equal(/warning: the input of events holds no records/.test(said.stderr), read === 0)
        assert.equal(/warning: \d+ % of \d+ records? of events were rejected/.test(said.stderr), rejected > 0)
      }))
  }
})

/** Content that cannot be read as what it is taken for. */
const UNREADABLE: readonly (readonly [what: string, name: string, content: string | Uint8Array, says: RegExp])[] = [
  ['UTF-16 with a mark', 'i.ndjson', utf16(`\ufeff${THREE}`), /is UTF-16; inputs are UTF-8/],
  ['UTF-16 without a mark', 'i.ndjson', utf16(THREE), /is UTF-16; inputs are UTF-8/],
  ['UTF-16 with the other byte first', 'i.ndjson', utf16(THREE).swap16(), /is UTF-16; inputs are UTF-8/],
  ['UTF-16 in gzip', 'i.csv.gz', gzipSync(utf16(CSV)), /is UTF-16; inputs are UTF-8/],
  ['JSON under a name of CSV', 'i.csv', THREE, /is named as CSV and begins as JSON[\s\S]*Rename it/],
  ['gzip cut at its start', 'i.ndjson.gz', gzipSync(THREE).subarray(0, 5), /ends in the middle of its compressed data/],
  [
    'gzip with something behind it',
    'i.ndjson.gz',
    Buffer.concat([gzipSync(THREE), Buffer.from('garbage')]),
    /cannot be decompressed/,
  ],
]

describe('a file is refused with what to do when it holds', () => {
  for (const [what, name, content, says] of UNREADABLE)
    it(what, () => withFile(name, content, async (path) => assertRefused(await run(path), EXIT.user, says)))
})

describe('an input', () => {
  it('of several files is one stream in the order given, and the same file counts as often as it is named', () =>
    withFile('a.ndjson', THREE, async (path) => {
      const csv = join(path, '../b.csv')
      writeFileSync(csv, CSV)
      const { input, queries } = documentOf(await run(path, `events=${csv}`, path))
      assert.deepEqual(input, { events: { read: 8, accepted: 8, rejected: 0 } })
      assert.deepEqual(
        queries.ids!.rows.map(({ id }) => id),
        [...'abcababc'],
      )
    }))

  it('that is a pipe, a part of no folder, or without a name is refused', () =>
    withFile('i.ndjson', THREE, async (path) => {
      const pipe = join(path, '../pipe')
      execFileSync('mkfifo', [pipe])
      const writer = started(['generate', 'examples/chicago-taxi', '--records', '10', '--out', pipe])
      try {
        assertRefused(
          await run(pipe),
          EXIT.user,
          /is a pipe, and an input is read more than once[\s\S]*Write it to a file/,
        )
      } finally {
        const ended = once(writer, 'exit')
        writer.kill('SIGKILL')
        await ended
      }
      assertRefused(await run(join(path, 'x')), EXIT.user, /cannot be opened: there is no such file/)
      assertRefused(
        mysimbdp(['run', APP, '--input', 'events=']),
        EXIT.user,
        /There is no file in it; write it as <stream>=<file>/,
      )
    }))

  it('that the user may not read is named', () =>
    withFile('i.ndjson', THREE, async (path) => {
      chmodSync(path, 0)
      chmodSync(join(path, '..'), 0o755)
      // The superuser may read everything: then somebody else tries.
      const somebody = process.getuid!() === 0 ? { uid: 65_534, gid: 65_534 } : {}
      const said = mysimbdp(['run', APP, '--input', path], somebody)
      assertRefused(said, EXIT.user, /cannot be opened: you are not permitted to read it/)
    }))
})

describe('a record of any size is one record', () => {
  const PEAK_MEGABYTES_MAX = 400

  /** Runs the real process and watches what memory it takes at most. */
  async function runWatched(
    input: string,
    data: string,
  ): Promise<{ readonly said: Said; readonly peakMegabytes: number }> {
    const child = started(['run', APP, '--input', input, '--data', data, '--format', 'json'])
    const said = { stdout: '', stderr: '' }
    child.stdout!.on('data', (text) => (said.stdout += text))
    child.stderr!.on('data', (text) => (said.stderr += text))
    let peakKilobytes = 0
    const watch = setInterval(() => {
      peakKilobytes = Math.max(peakKilobytes, residentKilobytes(child.pid!))
    }, 5)
    const [status] = (await once(child, 'close')) as [number]
    clearInterval(watch)
    return { said: { status, ...said }, peakMegabytes: peakKilobytes / 1024 }
  }

  /** The greatest resident size so far; 0 where there is no such file to read. */
  function residentKilobytes(pid: number): number {
    try {
      return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      return 0
    }
  }

  const [ten, forty] = [Buffer.alloc(10_000_000, 'x'), Buffer.alloc(40_000_000, 'x')]
  for (const [name, content, read, large] of [
    [
      'i.ndjson',
      [record('a'), '{"id":"', ten, `","at":1712000000000}\n`, record('b'), forty, '\n', record('c')],
      5,
      [1, 3],
    ],
    [
      'i.csv',
      ['id,at\na,1712000000000\n"', forty, '\nb,1712000000000\n', ten, ',1712000000000\nc,1712000000000\n'],
      5,
      [1, 3],
    ],
  ] as const) {
    it(`in ${name}: too_large, those around it count, and memory stays bounded`, () =>
      withFile(name, Buffer.concat(content.map((piece) => Buffer.from(piece))), async (path) => {
        const data = join(path, '../data')
        const { said, peakMegabytes } = await runWatched(path, data)
        assert.deepEqual(documentOf(said).input, { events: { read, accepted: 3, rejected: 2 } })
        const letters = await deadLettersIn(data)
        assert.deepEqual(
          letters.map(({ offset, code }) => [offset, code]),
          large.map((offset) => [offset, 'too_large']),
        )
        assert.ok(Math.max(...letters.map(({ raw }) => raw.length)) <= 16 * 1024 * 1024)
        assert.ok(peakMegabytes < PEAK_MEGABYTES_MAX, `${peakMegabytes} MB`)
        const shown = await commandLine('dead-letters', 'show', '1', '--data', data)
        assert.match(shown.stdout, /\(too_large\)[\s\S]*… and [\d,]+ characters more are kept\n$/)
      }))
  }
})

it('a file that is replaced while its run was stopped is another input', () =>
  withFile('i.ndjson', THREE, async (path) => {
    const data = join(path, '../data')
    const again = ['run', APP, '--input', path, '--data', data, '--format', 'json']
    const first = await commandLine(...again)
    assert.equal(first.status, EXIT.done)
    copyFileSync(path, `${path}.copy`)
    writeFileSync(path, record('d'))
    assertRefused(await commandLine(...again), EXIT.user, /holds another run: its inputs were other ones/)
    copyFileSync(`${path}.copy`, path)
    assert.equal((await commandLine(...again)).stdout, first.stdout)
  }))
