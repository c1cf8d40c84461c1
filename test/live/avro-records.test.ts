import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { inBranch, unscaledBytes, writeAvro, writeContainer } from '#dataplane/decoding/testing/avro-writer.fixture.ts'
import { greenhouse, greenhouseQueries } from '../support/greenhouse.ts'
import { type Answer, LiveHost } from '../support/live-host.ts'

const STREAM = '/v1/apps/greenhouse/streams/readings'
const AT = Date.UTC(2024, 5, 1, 8)

const schemaOf = (celsius: string) => ({
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'sensor', type: { type: 'enum', name: 'Place', symbols: ['north', 'south'] } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: celsius, type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }] },
  ],
})
const container = (hundredths: readonly (number | null)[], celsius = 'celsius'): Buffer =>
  writeContainer(
    schemaOf(celsius),
    hundredths.map((value, index) => {
      const written = value === null ? inBranch(0, null) : inBranch(1, unscaledBytes(BigInt(value)))
      return writeAvro(schemaOf(celsius), [index % 2, (AT + index) * 1000, written])
    }),
    { codec: 'deflate' },
  )

interface Letters extends Answer {
  readonly repaired?: number
  readonly stillRejected?: readonly { readonly code: string }[]
  readonly format?: string
  readonly schema?: string
  readonly base64?: string
}

describe('Avro on a running platform', () => {
  let host: LiveHost
  before(async () => {
    host = await LiveHost.open([greenhouse({ warmth: greenhouseQueries.warmth('update') })])
  })
  after(() => host.close())

  const post = async (path: string, body: Uint8Array | object, type = 'application/json') => {
    const bytes = body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body)
    const init = { method: 'POST', body: bytes, headers: { 'content-type': type } }
    const { status, answer } = await host.request(`${STREAM}${path}`, init)
    return { status, answer: answer as Letters }
  }
  const letter = async (offset: number) => (await host.request(`${STREAM}/dead-letters/${offset}`)).answer as Letters

  it('comes as the body of a request and as an uploaded file, each record once', async () => {
    for (const type of ['application/avro', 'avro/binary']) {
      const { answer } = await post('/records', container([2050, 2100, null]), type)
      assert.deepEqual([answer.accepted, answer.rejected], [3, 0])
    }
    const file = container([1900, 1800])
    assert.equal((await post('/uploads', file, 'application/octet-stream')).answer.accepted, 2)
    assert.equal((await post('/uploads', file, 'application/octet-stream')).answer.alreadyReceived, 2)
  })

  it('that is damaged is refused, and the answer says what is in the log all the same', async () => {
    const damaged = container([2050])
    damaged[damaged.length - 1]! ^= 1
    const { status, answer } = await post('/records', damaged, 'application/avro')
    assert.deepEqual([status, answer.error?.code, answer.accepted], [400, 'MSB_INPUT_UNREADABLE', 0])
    assert.match(answer.error!.message, /block 1 of the Avro input is damaged/)
    const cut = await post('/records', container([2050]).subarray(0, -4), 'application/avro')
    assert.equal(cut.answer.error?.code, 'MSB_INPUT_TRUNCATED')
  })

  it('that was rejected is replayed with its fields renamed, or as a person wrote it anew', async () => {
    const first = 8
    const { answer } = await post('/records', container([2050, 2055, 2100], 'Celsius'), 'application/avro')
    assert.deepEqual([answer.accepted, answer.rejected], [0, 3])
    const shown = await letter(first)
    assert.deepEqual([shown.format, JSON.parse(shown.schema!)], ['avro', schemaOf('Celsius')])
    const edited = [{ offset: first + 2, record: '{"sensor":"south","at":1717228800000,"celsius":21.0}' }]
    assert.equal((await post('/dead-letters/replay', { records: edited })).answer.repaired, 1)
    const wrong = [{ offset: first, schema: shown.schema, base64: 'AAAA/w==' }]
    const refused = await post('/dead-letters/replay', { records: wrong })
    assert.deepEqual([refused.answer.repaired, refused.answer.stillRejected?.[0]?.code], [0, 'malformed'])
    const replayed = await post('/dead-letters/replay', { renames: ['Celsius=celsius'], rebuild: true })
    assert.equal(replayed.answer.repaired, 1)
    assert.deepEqual(
      replayed.answer.stillRejected?.map(({ code }) => code),
      ['too_many_decimals'],
    )
  })
})
