import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  inBranch,
  type SchemaJson,
  writeAvro,
  writeContainer,
} from '#dataplane/decoding/testing/avro-writer.fixture.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { assertRefused, commandLine, deadLettersIn, documentOf, EXIT } from './product-process.ts'

const APP = 'test/product/every-type'
const AT = 1_712_000_000_000

const writer = (at: SchemaJson = { type: 'long', logicalType: 'timestamp-millis' }): SchemaJson => ({
  type: 'record',
  name: 'Event',
  fields: [
    { name: 'at', type: ['null', at] },
    { name: 'money', type: 'double' },
    { name: 'id', type: 'string' },
  ],
})
const event = (id: string, money = 1.5, at: unknown = inBranch(1, AT)): Uint8Array =>
  writeAvro(writer(), [at, money, id])
const container = (records: readonly Uint8Array[], codec = 'deflate'): Buffer =>
  writeContainer(writer(), records, { codec, recordsInBlock: 2 })

/** The last byte of the last sync marker is another one. */
const damaged = (whole: Buffer): Buffer => Buffer.concat([whole.subarray(0, -1), Buffer.of(0)])

const run = (path: string, ...more: readonly string[]) =>
  commandLine('run', APP, '--input', path, '--format', 'json', ...more)
const withFile = <T>(name: string, content: Uint8Array, work: (path: string, folder: string) => Promise<T>) =>
  withScratchFolder((folder) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return work(path, folder)
  })

describe('a run over Avro', () => {
  for (const [what, name, content] of [
    ['whose blocks are compressed', 'i.avro', container(['a', 'b', 'c'].map((id) => event(id)))],
    [
      'in gzip',
      'i.avro.gz',
      gzipSync(
        container(
          ['a', 'b', 'c'].map((id) => event(id)),
          'null',
        ),
      ),
    ],
    [
      'without a name that says so',
      'export',
      container(
        ['a', 'b', 'c'].map((id) => event(id)),
        'zstandard',
      ),
    ],
  ] as const)
    it(`${what} counts each record`, () =>
      withFile(name, content, async (path) => {
        const { input, queries } = documentOf(await run(path))
        assert.deepEqual(input, { events: { read: 3, accepted: 3, rejected: 0 } })
        assert.deepEqual(
          queries.ids!.rows.map(({ id, money, flag }) => [id, money, flag]),
          ['a', 'b', 'c'].map((id) => [id, 1.5, null]),
        )
      }))

  it('keeps what is rejected with its bytes, and shows the schema they were written with', () => {
    const bad = [event('many decimals', 1.005), event('no time', 1, inBranch(0, null))]
    return withFile('i.avro', container([event('a'), ...bad, event('b')]), async (path, folder) => {
      const data = join(folder, 'data')
      const { input } = documentOf(await run(path, '--data', data))
      assert.deepEqual(input, { events: { read: 4, accepted: 2, rejected: 2 } })
      const letters = await deadLettersIn(data)
      assert.deepEqual(
        letters.map(({ offset, code }) => [offset, code]),
        [
          [1, 'too_many_decimals'],
          [2, 'null_not_allowed'],
        ],
      )
      const { stdout } = await commandLine('dead-letters', 'show', '2', '--data', data)
      assert.match(stdout, /schema {4}\{"type":"record","name":"Event"/)
      assert.ok(stdout.includes(Buffer.from(bad[1]!).toString('base64')), stdout)
    })
  })

  it('that is damaged is refused with the place of the damage', () =>
    withFile('i.avro', damaged(container(['a', 'b', 'c', 'd'].map((id) => event(id)))), async (path, folder) => {
      assertRefused(
        await run(path, '--data', join(folder, 'data')),
        EXIT.user,
        /block 2 of the Avro input is damaged: it does not end with the sync marker[\s\S]*input i\.avro[\s\S]*Fetch or write the file again/,
      )
    }))

  it('is refused before a record is read when a field can never be what the stream needs', () => {
    const schema = writer('boolean')
    return withFile('i.avro', writeContainer(schema, [writeAvro(schema, [inBranch(1, true), 1, 'a'])]), async (path) =>
      assertRefused(
        await run(path),
        EXIT.user,
        /field 'at' is written as null or boolean, which cannot become the stream's timestamp/,
      ),
    )
  })

  it('is refused when the file is cut, or no Avro under its name', () =>
    withFile('i.avro', container([event('a')]).subarray(0, -5), async (path, folder) => {
      assertRefused(await run(path), EXIT.user, /the Avro input ends in the middle of block 1/)
      const text = join(folder, 'text.avro')
      writeFileSync(text, 'id,at\n')
      assertRefused(await run(text), EXIT.user, /this is no Avro object container/)
    }))
})
