import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { schemaToAvro } from '#language/schemas/avro/schema-to-avro.ts'
import { createSchema } from '#language/schemas/schema.ts'
import { AvroRecordEncoder } from '../encoding/avro-record-encoder.ts'
import { createMessageDecoder } from './decoder.ts'
import { type Message, valueOfMessage, type WriterSchemas } from './message-decoder.ts'
import { NO_GUARD, summaryOf } from './testing/decode-all.fixture.ts'
import { messageWith } from './testing/messages.fixture.ts'

const schema = createSchema('Trip', [
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'cab', type: { kind: 'string' }, nullable: false },
])
const options = { schema, eventTime: 'at', timeZone: 'UTC' }
const avroSchema = schemaToAvro(schema)
const known: WriterSchemas = { byId: async (id) => (id === 7 ? avroSchema : undefined) }
const encoder = new AvroRecordEncoder(schema)
const iso = (at: number): string => new Date(at).toISOString()

const json = (at: number, cab: string): Message => messageWith(Buffer.from(JSON.stringify({ at: iso(at), cab })))
const avro = (at: number, cab: string, id = 7): Message =>
  messageWith(Buffer.from(encoder.encodeWithHeader(id, [at, cab])))
const refused = (raw: string): Message => ({
  ...messageWith(Buffer.from(raw)),
  refusal: {
    rejection: { code: 'wrong_column_count', field: null, expected: '2 columns', found: '3 columns' },
    format: { kind: 'csv', header: Buffer.from('at,cab') },
    rawLength: raw.length,
  },
})

async function decoded(messages: readonly Message[], schemas = known) {
  const decoder = createMessageDecoder(options, schemas)
  await decoder.learnSchemas(messages)
  decoder.write(messages)
  return decoder
}

describe('messages of a topic', () => {
  it('are read in their order, whichever of them are JSON and which Avro', async () => {
    const kinds = { json, avro, pretty: (at: number, cab: string): Message => spread(json(at, cab)), refused: null }
    const message = fc.record({
      kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
      at: fc.nat(1_000_000),
      cab: fc.string(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 60 }), fc.nat(20), async (given, firstTaken) => {
        const messages = given.map(({ kind, at, cab }) =>
          (kinds[kind] ?? ((_: number, text: string) => refused(text)))(at, cab),
        )
        const decoder = await decoded(messages.slice(0, firstTaken))
        const first = decoder.take(Number.POSITIVE_INFINITY, NO_GUARD)
        const before = first === undefined ? [] : summaryOf([first]).rows
        await decoder.learnSchemas(messages.slice(firstTaken))
        decoder.write(messages.slice(firstTaken))
        const second = decoder.take(Number.POSITIVE_INFINITY, NO_GUARD)
        const after = second === undefined ? [] : summaryOf([second]).rows
        const rows = [
          ...before,
          ...after.map(([place, ...values]) => [Number(place) + (first?.received ?? 0), ...values]),
        ]
        assert.deepEqual(
          rows,
          given.flatMap(({ kind, at, cab }, place) => (kind === 'refused' ? [] : [[place, at, cab]])),
        )
      }),
      { numRuns: 100 },
    )
  })

  it('share the dictionaries of their columns', async () => {
    const decoder = await decoded([json(1, 'a'), avro(2, 'b'), json(3, 'b'), avro(4, 'a')])
    const { batch } = decoder.take(4, NO_GUARD)!
    const column = batch.columns[1]!
    assert.equal(column.layout, 'dictionary')
    assert.deepEqual(column.layout === 'dictionary' ? [...column.codes] : null, [0, 1, 1, 0])
  })

  it('are rejected with their own reason and bytes, also where somebody found it out before', async () => {
    const messages = [
      json(1, 'a'),
      refused('1,a,x'),
      messageWith(null),
      messageWith(Buffer.from('{"at":1}')),
      avro(2, 'b', 8),
      messageWith(valueOfMessage(avro(3, 'c')).subarray(0, -1)),
    ]
    const { batch, rejected } = (await decoded(messages)).take(10, NO_GUARD)!
    assert.equal(batch.rows, 1)
    assert.deepEqual(
      rejected.map(({ position, rejection, format }) => [position, rejection.code, format.kind]),
      [
        [1, 'wrong_column_count', 'csv'],
        [2, 'malformed', 'json'],
        [3, 'missing_field', 'json'],
        [4, 'unknown_schema', 'json'],
        [5, 'malformed', 'avro'],
      ],
    )
    assert.equal(Buffer.from(rejected[0]!.raw).toString(), '1,a,x')
    assert.deepEqual(Buffer.from(rejected[3]!.raw), valueOfMessage(messages[4]!))
  })

  it('have the format of their own where they come from the future', async () => {
    const decoder = await decoded([json(9000, 'a'), avro(9001, 'b'), json(5, 'c'), json(9002, 'd'), refused('x')])
    const { batch, rejected } = decoder.take(10, { arrivalMs: 10, maxFutureSkewMs: 10 })!
    assert.equal(batch.rows, 1)
    assert.deepEqual(
      rejected.map(({ position, format, rejection }) => [position, format.kind, rejection.code]),
      [
        [0, 'json', 'from_future'],
        [1, 'avro', 'from_future'],
        [3, 'json', 'from_future'],
        [4, 'csv', 'wrong_column_count'],
      ],
    )
  })

  it('wait for a registry that is away, and ask for each schema once', async () => {
    const asked: number[] = []
    let away = true
    const decoder = createMessageDecoder(options, {
      byId: async (id) => {
        asked.push(id)
        if (away) throw new Error('away')
        return known.byId(id)
      },
    })
    const messages = [avro(1, 'a'), avro(2, 'b', 8), avro(3, 'c'), avro(4, 'd', 8)]
    await assert.rejects(decoder.learnSchemas(messages), /away/)
    assert.equal(decoder.pending, 0)
    away = false
    await decoder.learnSchemas(messages)
    decoder.write(messages)
    await decoder.learnSchemas(messages)
    // What does not exist may come to exist: it is asked for again.
    assert.deepEqual(asked, [7, 7, 8, 8])
    const { batch, rejected } = decoder.take(10, NO_GUARD)!
    assert.deepEqual([batch.rows, rejected.length], [2, 2])
  })
})

/** The same over several lines. */
const spread = (message: Message): Message =>
  messageWith(Buffer.from(JSON.stringify(JSON.parse(Buffer.from(valueOfMessage(message)).toString()), null, 2)))
