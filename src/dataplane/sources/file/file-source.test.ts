import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { sourceContract } from '../source.contract.ts'
import { FileSource } from './file-source.ts'

const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-file-source-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const lines = Buffer.from(
  Array.from({ length: 60_000 }, (_, i) => `{"n":${i},"text":"some text to fill the line"}\n`).join(''),
)
const plain = file('plain.ndjson', lines)
const compressed = file('packed.ndjson.gz', gzipSync(lines))
const other = file('other.ndjson', '{"n":1}\n')

sourceContract(
  'a plain file',
  lines,
  () => FileSource.open(plain),
  () => FileSource.open(other),
)
sourceContract(
  'a gzip file',
  lines,
  () => FileSource.open(compressed),
  () => FileSource.open(other),
)

describe('a file', () => {
  it('has its format from its name, or from its first character', async () => {
    assert.equal((await FileSource.open(file('a.csv', '{'))).format, 'csv')
    assert.equal((await FileSource.open(file('a.csv.gz', gzipSync('a,b\n')))).format, 'csv')
    assert.equal((await FileSource.open(file('a.jsonl', 'a,b'))).format, 'json')
    assert.equal((await FileSource.open(file('export', '\uFEFF  {"a":1}'))).format, 'json')
    assert.equal((await FileSource.open(file('export2', 'a,b\n1,2\n'))).format, 'csv')
    assert.equal((await FileSource.open(file('export3', gzipSync('{"a":1}')))).format, 'json')
  })

  it('of Avro is told by its first bytes, and taken for Avro by its name', async () => {
    for (const name of ['a.csv', 'a.ndjson', 'export4'])
      assert.equal((await FileSource.open(file(name, 'Obj\x01{'))).format, 'avro', name)
    assert.equal((await FileSource.open(file('b.avro.gz', gzipSync('Obj\x01')))).format, 'avro')
    assert.equal((await FileSource.open(file('c.avro', '{"a":1}'))).format, 'avro')
  })

  it('that is not there, or a folder, is named', async () => {
    await assert.rejects(FileSource.open(join(folder, 'none.csv')), {
      code: 'MSB_INPUT_NOT_FOUND',
      message: /there is no such file/,
    })
    await assert.rejects(FileSource.open(folder), { code: 'MSB_INPUT_NOT_FOUND', message: /it is a folder/ })
  })

  it('in UTF-16 is refused with what to do', async () => {
    await assert.rejects(FileSource.open(file('wide.ndjson', Buffer.from('\uFEFF{"a":1}', 'utf16le'))), {
      code: 'MSB_INPUT_UNREADABLE',
      message: /UTF-16/,
    })
  })

  it('has another stamp when it was written to or replaced, whatever times it was given, and none just after that', async () => {
    const path = file('stamped.ndjson', '{"n":1}\n')
    const source = await FileSource.open(path)
    const changedMs = statSync(path).ctimeMs
    assert.equal(source.stamp(changedMs + 1000), null)
    const stamps = [source.stamp(changedMs + 60_000)]
    for (const change of [
      () => writeFileSync(path, '{"n":2}\n'),
      () => renameSync(file('other-stamped.ndjson', '{"n":1}\n'), path),
    ]) {
      // Times of a file system move on in steps.
      const { ctimeNs } = statSync(path, { bigint: true })
      do {
        change()
        utimesSync(path, 1_700_000_000, 1_700_000_000)
      } while (statSync(path, { bigint: true }).ctimeNs === ctimeNs)
      stamps.push(source.stamp(Number.MAX_SAFE_INTEGER))
    }
    assert.equal(new Set(stamps).size, stamps.length)
  })

  it('whose compressed data ends in the middle gives what is readable, then an error', async () => {
    const cut = await FileSource.open(file('cut.ndjson.gz', gzipSync(lines).subarray(0, 20_000)))
    let bytes = 0
    await assert.rejects(
      async () => {
        for await (const chunk of cut.chunks()) bytes += chunk.length
      },
      { code: 'MSB_INPUT_TRUNCATED' },
    )
    assert.ok(bytes > 0)
  })

  it('whose compressed data is damaged is an error', async () => {
    const bytes = gzipSync(lines)
    bytes.fill(0x55, 3000, 3100)
    const damaged = await FileSource.open(file('damaged.ndjson.gz', bytes))
    await assert.rejects(
      async () => {
        for await (const _chunk of damaged.chunks());
      },
      { code: 'MSB_INPUT_UNREADABLE' },
    )
  })
})
