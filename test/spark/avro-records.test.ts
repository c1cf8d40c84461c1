import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { avroInput } from '#dataplane/decoding/testing/avro-inputs.fixture.ts'
import {
  inBranch,
  type SchemaJson,
  unscaledBytes,
  writeAvro,
  writeLong,
} from '#dataplane/decoding/testing/avro-writer.fixture.ts'
import { requireAvro } from '#dataplane/engines/spark/connect/avro-support.ts'
import { sparkAddressOf } from '#dataplane/engines/spark/connect/connection-string.ts'
import { SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import { SESSION_SETTINGS } from '#dataplane/engines/spark/lowering/query.ts'
import type { WriterSchema } from '#dataplane/engines/spark/lowering/record-writers.ts'
import { judgedByPlatform, judgedOnSpark, type Verdict } from '../support/judged-records.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const EXISTING = process.env.MYSIMBDP_TEST_SPARK
const SEED = Number(process.env.MYSIMBDP_TEST_SEED ?? 20_261_126)
/** Schemas of one query, and queries. */
const SCHEMAS = 10
const QUERIES = Number(process.env.MYSIMBDP_TEST_AVRO_QUERIES ?? 3)
const DIFFERENCES_SHOWN = 6

const withHeader = (id: number, body: Uint8Array): Buffer => {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  return Buffer.concat([header, body])
}

const idOf = (message: Uint8Array): number => (message.length < 5 ? 0 : Buffer.from(message).readUInt32BE(1))

/** Semantics, section 9: Avro's library takes a block of items with a negative size, which nobody writes. */
const isKnownToDiffer = (schema: string | undefined, { fault }: Verdict): boolean =>
  fault === 'malformed' && /"type":"(?:array|map)"/.test(schema ?? '')

/** A record as it is, too short, too long, and with a byte of it changed. */
const damaged = (body: Buffer): fc.Arbitrary<readonly Uint8Array[]> =>
  fc
    .tuple(
      fc.nat(Math.max(body.length - 1, 0)),
      fc.integer({ min: 1, max: 255 }),
      fc.uint8Array({ minLength: 1, maxLength: 9 }),
    )
    .map(([place, change, more]) => [
      body.subarray(0, place),
      Buffer.concat([body, more]),
      body.map((byte, i) => (i === place ? byte ^ change : byte)),
    ])

interface Case {
  readonly writers: readonly WriterSchema[]
  readonly messages: readonly Uint8Array[]
}

const oneQuery: fc.Arbitrary<Case> = fc.array(avroInput, { minLength: SCHEMAS, maxLength: SCHEMAS }).chain((inputs) => {
  const writers = inputs.map(({ schema }, i) => ({ id: i + 1, schema: JSON.stringify(schema) }))
  const bodies = inputs.flatMap(({ records }, i) => records.map((body) => ({ id: i + 1, body })))
  return fc.tuple(...bodies.map(({ body }) => damaged(body))).map((damage) => ({
    writers,
    messages: bodies.flatMap(({ id, body }, i) => [body, ...damage[i]!].map((bytes) => withHeader(id, bytes))),
  }))
})

const trip = (...fields: readonly (readonly [string, SchemaJson])[]): SchemaJson => ({
  type: 'record',
  name: 'Trip',
  fields: fields.map(([name, type]) => ({ name, type })),
})
const AT: readonly [string, SchemaJson] = ['at', { type: 'long', logicalType: 'timestamp-millis' }]

/** What random schemas seldom hold. */
function byHand(): Case {
  const cases: readonly (readonly [SchemaJson, readonly Uint8Array[]])[] = [
    // Other names: absent and unknown together.
    [trip(['id', 'string'], AT, ['velocity', 'int']), [writeAvro(trip(['id', 'string'], AT), ['a', 0])]],
    // A type that can never become the field's.
    [trip(['id', 'string'], AT, ['fare', 'string']), [Buffer.from('0261', 'hex')]],
    [
      trip(['id', ['null', 'string']], AT),
      [inBranch(0, null), inBranch(1, 'b')].map((id) => writeAvro(trip(['id', ['null', 'string']], AT), [id, 5])),
    ],
    [trip(AT), [writeAvro(trip(AT), [0])]],
    // A byte of a boolean that is neither, an int of more than 32 bits, a symbol that is not there.
    [
      trip(['id', 'string'], AT, ['paid', 'boolean']),
      [0, 1, 2, 255].map((byte) => Buffer.concat([writeAvro(trip(['id', 'string'], AT), ['a', 0]), Buffer.of(byte)])),
    ],
    [
      trip(['id', 'string'], AT, ['seconds', 'int']),
      [2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 33].map((n) =>
        Buffer.concat([writeAvro(trip(['id', 'string'], AT), ['a', 0]), writeLong(n)]),
      ),
    ],
    [
      trip(['id', { type: 'enum', name: 'E', symbols: ['A', 'B'] }], AT),
      [0, 1, 2, -1].map((n) => Buffer.concat([writeLong(n), writeLong(0)])),
    ],
    // Of several types, the one that is there.
    ...(['tract', 'fare', 'at'] as const).map((name): readonly [SchemaJson, readonly Uint8Array[]] => {
      const schema = trip(
        ['id', 'string'],
        [name, ['int', 'null', 'double', 'string', 'boolean', { type: 'long', logicalType: 'timestamp-micros' }]],
        ...(name === 'at' ? [] : [AT]),
      )
      const values = [
        inBranch(0, 7),
        inBranch(1, null),
        inBranch(2, 2.5),
        inBranch(2, -0),
        inBranch(3, '2024-04-13T12:00:00Z'),
        inBranch(4, true),
        inBranch(5, -1n),
      ]
      return [schema, values.map((value) => writeAvro(schema, ['a', value, ...(name === 'at' ? [] : [0])]))]
    }),
    // A length of two thousand millions, where there are few bytes.
    [trip(AT, ['id', 'string']), [Buffer.concat([writeLong(0), writeLong(2_000_000_000), Buffer.from('abc')])]],
    [
      trip(['id', 'string'], AT, ['fare', { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 }]),
      [1n, -1n, 99_999n, 10n ** 30n].map((n) =>
        writeAvro(trip(['id', 'string'], AT, ['fare', 'bytes']), ['a', 0, unscaledBytes(n)]),
      ),
    ],
    [
      trip(['id', 'string'], AT, ['miles', { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 25 }]),
      [1n, 10n ** 25n, 3n].map((n) =>
        writeAvro(trip(['id', 'string'], AT, ['miles', 'bytes']), ['a', 0, unscaledBytes(n)]),
      ),
    ],
    ['not a schema' as SchemaJson, [Buffer.of(0)]],
  ]
  const writers = cases.map(([schema], i) => ({ id: i + 1, schema: JSON.stringify(schema) }))
  const messages = cases.flatMap(([, bodies], i) => bodies.map((body) => withHeader(i + 1, body)))
  const none = [
    Buffer.of(0),
    Buffer.from('00000003', 'hex'),
    withHeader(99, Buffer.from('0000', 'hex')),
    withHeader(2 ** 32 - 1, Buffer.of()),
  ]
  return { writers, messages: [...messages, ...none, withHeader(1, Buffer.alloc(1_048_577))] }
}

/** The same bytes on Spark and in the platform: two minutes at a load of 10 to 15 on two cores, for ten schemas in one query are a long plan. */
describe('Avro records on Spark', { skip: EXISTING === undefined && (await whyNoServers(['spark'])) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-avro-'))
  let session: SparkSession
  before(async () => {
    const url = EXISTING ?? (await startTestCluster({ servers: ['spark'] })).addresses.sparkUrl
    session = new SparkSession(sparkAddressOf(url))
    await session.setConfiguration(SESSION_SETTINGS)
  })
  after(() => {
    session.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function compare({ writers, messages }: Case): Promise<{ readonly accepted: number }> {
    const schemas = new Map(writers.map(({ id, schema }) => [id, schema]))
    const wanted = await judgedByPlatform(messages, { byId: async (id) => schemas.get(id) })
    const known = { known: writers, unknown: [], asks: false }
    const judged = await judgedOnSpark(session, messages, join(folder, 'records.json'), known)
    assert.equal(judged.length, messages.length)
    const differences = judged.flatMap(({ offset, verdict }) =>
      isDeepStrictEqual(verdict, wanted[offset]) ||
      isKnownToDiffer(schemas.get(idOf(messages[offset]!)), wanted[offset]!)
        ? []
        : [
            {
              message: Buffer.from(messages[offset]!).toString('hex').slice(0, 400),
              schema: schemas.get(idOf(messages[offset]!)),
              verdict,
              wanted: wanted[offset],
            },
          ],
    )
    assert.deepEqual(differences.slice(0, DIFFERENCES_SHOWN), [], `${differences.length} differences`)
    return { accepted: wanted.filter(({ fault }) => fault === null).length }
  }

  it('can be read by the server', () => requireAvro(session))

  it('give what the platform gives, at the edges', async () => {
    await compare(byHand())
  })

  it('give what the platform gives, whatever their writers and however damaged', async (test) => {
    for (const one of fc.sample(oneQuery, { numRuns: QUERIES, seed: SEED })) {
      const { accepted } = await compare(one)
      test.diagnostic(`${accepted} of ${one.messages.length} records were accepted`)
      assert.ok(accepted > one.messages.length / 20)
    }
  })
})
