import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createMessageDecoder } from '#dataplane/decoding/decoder.ts'
import { messageWith } from '#dataplane/decoding/testing/messages.fixture.ts'
import { AvroRecordEncoder } from '#dataplane/encoding/avro-record-encoder.ts'
import { schemaToAvro } from '#language/schemas/avro/schema-to-avro.ts'
import { HttpRegistry } from '#services/catalog/http-registry.ts'
import { type Apicurio, startApicurio, whyNoApicurio } from '../support/apicurio.ts'
import { greenhouse, greenhouseQueries, readingSchema, strictGreenhouse } from '../support/greenhouse.ts'
import { ASK, LiveHost } from '../support/live-host.ts'

const record = (...fields: object[]) => ({ type: 'record', name: 'Trip', namespace: 'taxi', fields })
const field = (type: unknown, rest: object = {}) => record({ name: 'a', type, ...rest })
const symbols = (...names: string[]) => ({ type: 'enum', name: 'Payment', symbols: names })
const decimal = (precision: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale: 2 })

/** A schema, and one that may or may not follow it. */
const pairs: Readonly<Record<string, readonly [unknown, unknown]>> = {
  'the same': [field('int'), field('int')],
  'int to long': [field('int'), field('long')],
  'long to int': [field('long'), field('int')],
  'int to double': [field('int'), field('double')],
  'double to float': [field('double'), field('float')],
  'string to bytes': [field('string'), field('bytes')],
  'int to string': [field('int'), field('string')],
  'a field more': [field('int'), record({ name: 'a', type: 'int' }, { name: 'b', type: 'int' })],
  'a field more with a default': [
    field('int'),
    record({ name: 'a', type: 'int' }, { name: 'b', type: 'int', default: 1 }),
  ],
  'a field more that may be null': [
    field('int'),
    record({ name: 'a', type: 'int' }, { name: 'b', type: ['null', decimal(10)], default: null }),
  ],
  'a field less': [record({ name: 'a', type: 'int' }, { name: 'b', type: 'int' }), field('int')],
  'a field renamed': [field('int'), record({ name: 'b', type: 'int' })],
  'a field renamed with an alias': [field('int'), record({ name: 'b', type: 'int', aliases: ['a'] })],
  'may be null now': [field('int'), field(['null', 'int'])],
  'may not be null now': [field(['null', 'int']), field('int')],
  'a union in another order': [field(['null', 'int']), field(['int', 'null'])],
  'a branch more': [field(['null', 'int']), field(['null', 'int', 'string'])],
  'a symbol more': [field(symbols('CASH')), field(symbols('CASH', 'CARD'))],
  'a symbol less': [field(symbols('CASH', 'CARD')), field(symbols('CASH'))],
  'a symbol less with a default': [field(symbols('CASH', 'CARD')), field({ ...symbols('CASH'), default: 'CASH' })],
  'items promoted': [field({ type: 'array', items: 'int' }), field({ type: 'array', items: 'long' })],
  'items of another type': [field({ type: 'map', values: 'int' }), field({ type: 'map', values: 'string' })],
  'a record inside, with a field more': [
    field({ type: 'record', name: 'Place', fields: [{ name: 'x', type: 'int' }] }),
    field({
      type: 'record',
      name: 'Place',
      fields: [
        { name: 'x', type: 'int' },
        { name: 'y', type: 'int' },
      ],
    }),
  ],
  'a list that holds itself': [
    record({ name: 'a', type: 'int' }, { name: 'next', type: ['null', 'Trip'] }),
    record({ name: 'a', type: 'long' }, { name: 'next', type: ['null', 'Trip'] }),
  ],
  'bytes of another length': [
    field({ type: 'fixed', name: 'Id', size: 8 }),
    field({ type: 'fixed', name: 'Id', size: 16 }),
  ],
  'no record any more': [field('int'), 'int'],
}

/** One version before is all there is here, so that the others say the same. */
const levels = ['NONE', 'BACKWARD', 'FORWARD_TRANSITIVE', 'FULL'] as const

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer as loosely as a client sees it.
  readonly body: any
}

describe('our registry and Apicurio', { skip: await whyNoApicurio() }, () => {
  let apicurio: Apicurio
  let host: LiveHost
  before(async () => {
    apicurio = await startApicurio()
    host = await LiveHost.open([])
  })
  after(async () => {
    await host?.close()
    await apicurio?.stop()
  })

  async function call(url: string, method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }

  /** The answer of both. */
  const both = (method: string, path: string, body?: object): Promise<readonly [Answer, Answer]> =>
    Promise.all([call(`${host.url}/registry`, method, path, body), call(apicurio.url, method, path, body)])
  const text = (schema: unknown) => ({ schema: JSON.stringify(schema) })

  it('agree which schema may follow which, at every level', async () => {
    const verdicts = { true: 0, false: 0 }
    for (const [name, [first, next]] of Object.entries(pairs))
      for (const level of levels) {
        const subject = `${name}-${level}`.replaceAll(/[ ,]+/g, '-')
        await both('POST', `/subjects/${subject}/versions`, text(first))
        await both('PUT', `/config/${subject}`, { compatibility: level })
        const [ours, theirs] = await both('POST', `/compatibility/subjects/${subject}/versions/latest`, text(next))
        assert.equal(ours.status, theirs.status)
        assert.equal(ours.body.is_compatible, theirs.body.is_compatible, `${name} at ${level}`)
        verdicts[`${ours.body.is_compatible as boolean}`]++
        const [registered, there] = await both('POST', `/subjects/${subject}/versions`, text(next))
        assert.equal(registered.status, there.status, `${name} at ${level}`)
      }
    assert.ok(verdicts.true > 40 && verdicts.false > 40, JSON.stringify(verdicts))
  })

  it('give the same answers to the same calls', async () => {
    const first = text(field('int'))
    const calls: readonly (readonly [string, string, object?])[] = [
      ['GET', '/subjects/calls/versions'],
      ['POST', '/subjects/calls', first],
      ['PUT', '/config/calls', { compatibility: 'BACKWARD' }],
      ['POST', '/subjects/calls/versions', first],
      ['PUT', '/config/calls', { compatibility: 'BACKWARD' }],
      ['GET', '/config/calls'],
      ['POST', '/subjects/calls/versions', first],
      ['POST', '/subjects/calls/versions', text(field('long'))],
      ['POST', '/subjects/calls/versions', text(field('string'))],
      ['POST', '/subjects/calls/versions', { schema: '{"type":"recor"}' }],
      ['GET', '/subjects/calls/versions'],
      ['GET', '/subjects/calls/versions/1'],
      ['GET', '/subjects/calls/versions/latest'],
      ['GET', '/subjects/calls/versions/-1'],
      ['GET', '/subjects/calls/versions/1/schema'],
      ['GET', '/subjects/calls/versions/7'],
      ['GET', '/subjects/nobody/versions/latest'],
      ['POST', '/subjects/calls', first],
      ['POST', '/subjects/calls', text(field('boolean'))],
      ['POST', '/subjects/nobody', first],
      ['GET', '/schemas/ids/999999'],
      ['POST', '/compatibility/subjects/calls/versions/latest', text(field('double'))],
      ['POST', '/compatibility/subjects/calls/versions/1', text(field('string'))],
      ['POST', '/compatibility/subjects/calls/versions/9', text(field('string'))],
      ['POST', '/compatibility/subjects/calls/versions', text(field('double'))],
      ['POST', '/compatibility/subjects/nobody/versions/latest', first],
      ['PUT', '/config/calls', { compatibility: 'FULL_TRANSITIVE' }],
      ['GET', '/config/calls'],
      ['PUT', '/config', { compatibility: 'FORWARD' }],
      ['GET', '/config'],
      ['PUT', '/config', { compatibility: 'BACKWARD' }],
    ]
    const differences: unknown[] = []
    for (const [method, path, body] of calls) {
      const [ours, theirs] = (await both(method, path, body)).map(whatMatters)
      try {
        assert.deepEqual(ours, theirs)
      } catch {
        differences.push([method, path, ours, theirs])
      }
    }
    assert.deepEqual(differences, [])
  })

  it('serve the same client and the same deployment', async () => {
    const registry = new HttpRegistry({ url: apicurio.url })
    const schema = schemaToAvro(readingSchema)
    await call(apicurio.url, 'PUT', '/config', { compatibility: 'BACKWARD' })
    const live = await LiveHost.open([], { context: { schemaRegistry: registry } })
    try {
      await live.platform.deploy(greenhouse({ warmth: greenhouseQueries.warmth() }), ASK)
      const latest = await registry.latest('greenhouse_readings-value')
      assert.deepEqual(latest, { subject: 'greenhouse_readings-value', version: 1, id: latest!.id, schema })
      assert.deepEqual(await registry.lookUp('greenhouse_readings-value', schema), latest)
      assert.equal(await registry.byId(latest!.id), schema)
      assert.equal(await registry.byId(888_888), undefined)
      await registry.register('strict_readings-value', schema)
      await assert.rejects(live.platform.deploy(strictGreenhouse({ name: 'strict' }), ASK), {
        code: 'MSB_SCHEMA_INCOMPATIBLE',
        message: /field 'celsius' is read as bytes \(decimal\) and written as null/,
      })
      assert.deepEqual(live.platform.catalog.subjects(), [])
    } finally {
      await live.close()
    }
  })

  it('give ids that records on the wire are read by', async () => {
    const registry = new HttpRegistry({ url: apicurio.url })
    const id = await registry.register('wire-value', schemaToAvro(readingSchema))
    const decoder = createMessageDecoder({ schema: readingSchema, eventTime: 'at', timeZone: 'UTC' }, registry)
    const bytes = new AvroRecordEncoder(readingSchema).encodeWithHeader(id, ['roof', 1000, -125n])
    await decoder.learnSchemas([messageWith(bytes)])
    decoder.write([messageWith(bytes)])
    const { batch, rejected } = decoder.take(10, { arrivalMs: 0, maxFutureSkewMs: null })!
    assert.deepEqual([batch.rows, rejected.length], [1, 0])
    assert.deepEqual(
      batch.columns.slice(1).map((column) => ('values' in column ? Number(column.values[0]) : null)),
      [1000, -125],
    )
  })
})

/** Ids are each registry's own affair, and so is the wording. */
function whatMatters({ status, body }: Answer): unknown {
  if (Array.isArray(body) || typeof body !== 'object') return { status, body }
  const { id, message, reason, references, messages, schemaType, ...rest } = body
  return { status, ...rest, hasId: typeof id === 'number', hasMessage: message !== undefined }
}
