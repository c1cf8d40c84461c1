import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { systemClock } from '#foundation/time/clock.ts'
import { schemaToAvro } from '#language/schemas/avro/schema-to-avro.ts'
import { HttpRegistry } from '#services/catalog/http-registry.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { greenhouse, greenhouseQueries, readingSchema, strictGreenhouse } from '../support/greenhouse.ts'
import { ASK, LiveHost } from '../support/live-host.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const record = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'Trip', fields })
const int = (name: string, rest: object = {}) => ({ name, type: 'int', ...rest })
const app = greenhouse({ warmth: greenhouseQueries.warmth() })
const SUBJECT = 'greenhouse_readings-value'

interface Called {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer as loosely as a client sees it.
  readonly body: any
}

async function call(url: string, method: string, path: string, body?: object | string): Promise<Called> {
  const response = await fetch(`${url}/registry${path}`, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  assert.match(response.headers.get('content-type')!, /^application\/vnd\.schemaregistry\.v1\+json/)
  return { status: response.status, body: await response.json() }
}

describe('the schema registry of the platform', () => {
  let host: LiveHost
  before(async () => {
    host = await LiveHost.open([app])
  })
  after(() => host.close())
  const ask = (method: string, path: string, body?: object | string) => call(host.url, method, path, body)
  const register = async (subject: string, schema: string) =>
    (await ask('POST', `/subjects/${subject}/versions`, { schema })).body.id as number

  it('has the stream of a deployed app, and refuses an app that cannot read what its topic holds, by field', async () => {
    const schema = schemaToAvro(readingSchema)
    const { body } = await ask('GET', `/subjects/${SUBJECT}/versions/latest`)
    assert.deepEqual(body, { subject: SUBJECT, version: 1, id: body.id, schema })
    await register('strict_readings-value', schema)
    const deployment = host.platform.deploy(strictGreenhouse({ name: 'strict' }), ASK)
    await assert.rejects(deployment, (error: { code: string; message: string; hint: string }) => {
      assert.equal(error.code, 'MSB_SCHEMA_INCOMPATIBLE')
      assert.match(
        error.message,
        /stream 'readings' of app 'strict'.*field 'celsius' is read as bytes \(decimal\) and written as null/,
      )
      assert.match(error.hint, /PUT \/config\/strict_readings-value/)
      return true
    })
    assert.equal(host.platform.apps.has('strict'), false)
    assert.deepEqual((await ask('GET', '/subjects/strict_readings-value/versions')).body, [1])
    await ask('PUT', '/config/strict_readings-value', { compatibility: 'NONE' })
    await host.platform.deploy(strictGreenhouse({ name: 'strict' }), ASK, { dryRun: true })
    assert.deepEqual((await ask('GET', '/subjects/strict_readings-value/versions')).body, [1])
    await host.platform.deploy(strictGreenhouse({ name: 'strict' }), ASK)
    assert.deepEqual((await ask('GET', '/subjects/strict_readings-value/versions')).body, [1, 2])
  })

  it('gives one schema one id, however many register it at once and however it is written', async () => {
    const spellings = [
      record(int('one')),
      `  ${record(int('one'))}\n`,
      '{"name":"Trip","fields":[{"type":{"type":"int"},"name":"one"}],"type":"record"}',
    ]
    const ids = await Promise.all(
      Array.from({ length: 60 }, (_, index) => register(`at-once-${index % 2}`, spellings[index % 3]!)),
    )
    assert.equal(new Set(ids).size, 1)
    const { body } = await ask('GET', `/schemas/ids/${ids[0]}/versions`)
    assert.deepEqual(body, [
      { subject: 'at-once-0', version: 1 },
      { subject: 'at-once-1', version: 1 },
    ])
  })

  it('keeps versions, ids and levels over a restart', async () => {
    const first = await register('kept', record(int('a')))
    await ask('PUT', '/config/kept', { compatibility: 'FULL_TRANSITIVE' })
    await host.reopen()
    assert.equal(await register('kept', record(int('a'))), first)
    assert.ok((await register('kept', record(int('a'), int('b', { default: 1 })))) > first)
    assert.deepEqual((await ask('GET', '/config/kept')).body, { compatibilityLevel: 'FULL_TRANSITIVE' })
  })

  it('lets a version follow as its level says, and says why not', async () => {
    const [plain, added, withDefault] = [
      record(int('a')),
      record(int('a'), int('b')),
      record(int('a'), int('b', { default: 1 })),
    ]
    const gone = record(int('c', { default: 1 }))
    const allowed: Readonly<Record<string, readonly boolean[]>> = {
      NONE: [true, true, true],
      BACKWARD: [false, true, true],
      FORWARD: [true, true, false],
      FULL: [false, true, false],
    }
    for (const [level, verdicts] of Object.entries(allowed)) {
      const subject = `level-${level}`
      await register(subject, plain)
      await ask('PUT', `/config/${subject}`, { compatibility: level })
      for (const [index, schema] of [added, withDefault, gone].entries()) {
        const { body } = await ask('POST', `/compatibility/subjects/${subject}/versions/latest?verbose=true`, {
          schema,
        })
        assert.equal(body.is_compatible, verdicts[index], `${level} ${schema}`)
        assert.equal(body.messages.length > 0, !verdicts[index])
      }
    }
    const refused = await ask('POST', '/subjects/level-BACKWARD/versions', { schema: added })
    assert.equal(refused.status, 409)
    assert.equal(refused.body.error_code, 409)
    assert.match(refused.body.message, /version 1: field 'b' has no default/)
  })

  it('compares with all versions before where the level is transitive, and with the last one elsewhere', async () => {
    // a: int, then no a, then a: string. The last one may follow the second, and not the first.
    const versions = [record(int('a', { default: 0 })), record(), record({ name: 'a', type: 'string', default: '' })]
    for (const [level, status] of [
      ['BACKWARD', 200],
      ['BACKWARD_TRANSITIVE', 409],
      ['FULL', 200],
      ['FULL_TRANSITIVE', 409],
    ] as const) {
      const subject = `history-${level}`
      await ask('PUT', `/config/${subject}`, { compatibility: level })
      for (const schema of versions.slice(0, 2)) await register(subject, schema)
      assert.equal((await ask('POST', `/subjects/${subject}/versions`, { schema: versions[2] })).status, status, level)
    }
  })

  it('answers what it cannot do with the codes that clients know', async () => {
    await register('known', record(int('a')))
    const schema = record(int('z'))
    const cases: readonly [string, string, number, number, (object | string)?][] = [
      ['GET', '/subjects/none/versions', 404, 40401],
      ['POST', '/subjects/none', 404, 40401, { schema }],
      ['POST', '/subjects/known', 404, 40403, { schema }],
      ['GET', '/subjects/known/versions/7', 404, 40402],
      ['GET', '/subjects/known/versions/0', 422, 42202],
      ['GET', '/subjects/known/versions/abc', 422, 42202],
      ['GET', '/schemas/ids/999999', 404, 40403],
      ['GET', '/schemas/ids/abc', 404, 40403],
      ['GET', '/config/none', 404, 40408],
      ['PUT', '/config/known', 422, 42203, { compatibility: 'SIDEWAYS' }],
      ['POST', '/subjects/known/versions', 422, 42201, { schema: '{"type":"recor"}' }],
      ['POST', '/subjects/known/versions', 422, 42201, { schema: record(int('a'), int('b', { default: 'x' })) }],
      ['POST', '/subjects/known/versions', 422, 42201, { schema: '{', schemaType: 'PROTOBUF' }],
      ['POST', '/subjects/known/versions', 422, 42201, {}],
      ['POST', '/subjects/known/versions', 400, 400, '{'],
    ]
    for (const [method, path, status, code, body] of cases) {
      const answer = await ask(method, path, body)
      assert.deepEqual([answer.status, answer.body.error_code], [status, code], `${method} ${path}`)
      assert.ok(answer.body.message.length > 0)
    }
  })

  it('is a registry to the client of another platform', async () => {
    const client = new HttpRegistry({ url: `${host.url}/registry` })
    const id = await client.register('asked/for', record(int('a')))
    assert.equal(await client.byId(id), record(int('a')))
    assert.equal(await client.byId(888_888), undefined)
    assert.deepEqual(await client.latest('asked/for'), {
      subject: 'asked/for',
      version: 1,
      id,
      schema: record(int('a')),
    })
    assert.equal((await client.lookUp('asked/for', record(int('a'))))?.id, id)
    assert.equal(await client.lookUp('asked/for', record(int('b'))), undefined)
    assert.equal(await client.latest('nobody'), undefined)
    assert.deepEqual(await client.violations('nobody', record(int('b'))), [])
    assert.match((await client.violations('asked/for', record(int('b')))).join(), /version 1: field 'b' has no default/)
    await assert.rejects(client.register('asked/for', record(int('b'))), { code: 'MSB_SCHEMA_INCOMPATIBLE' })
    await assert.rejects(client.register('asked/for', '{}'), { code: 'MSB_SCHEMA_INVALID' })
  })
})

it('a platform whose catalog is damaged says so, and leaves the folder free', async () => {
  await withScratchFolder(async (folder) => {
    const context = {
      platform: embeddedPlatform,
      clock: systemClock,
      entry: new URL('../../src/worker.ts', import.meta.url),
    }
    writeFileSync(
      join(folder, 'catalog.db'),
      'this is no database, and it is long enough to be read as the head of one'.repeat(20),
    )
    await assert.rejects(LivePlatform.open(folder, context), { code: 'MSB_CATALOG_DAMAGED' })
    rmSync(join(folder, 'catalog.db'))
    const platform = await LivePlatform.open(folder, context)
    assert.deepEqual(platform.catalog.subjects(), [])
    await platform.close()
  })
})

/** A registry that does as it is told. */
async function withServer(
  answer: (request: IncomingMessage, reply: ServerResponse) => void,
  work: (url: string) => Promise<void>,
) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('a client of a registry', () => {
  it('says who it is, and gives up at once where it is refused', async () => {
    const seen: (string | undefined)[] = []
    const refuse = (request: IncomingMessage, reply: ServerResponse) => {
      seen.push(request.headers.authorization)
      reply.writeHead(401).end('{"message":"who are you?"}')
    }
    await withServer(refuse, async (url) => {
      const client = new HttpRegistry({ url, username: 'amy', password: 'päss' })
      await assert.rejects(client.byId(1), { code: 'MSB_REGISTRY_REFUSED', message: /status 401, 'who are you\?'/ })
    })
    assert.deepEqual(seen, [`Basic ${Buffer.from('amy:päss').toString('base64')}`])
  })

  it('asks again while the registry cannot answer, and remembers what it was told', async () => {
    let asked = 0
    const late = (_request: IncomingMessage, reply: ServerResponse) => {
      if (++asked < 3) reply.writeHead(503).end()
      else reply.end('{"schema":"\\"int\\""}')
    }
    await withServer(late, async (url) => {
      const client = new HttpRegistry({ url })
      assert.equal(await client.byId(1), '"int"')
      assert.equal(await client.byId(1), '"int"')
    })
    assert.equal(asked, 3)
  })

  it('asks for an id that nobody knows once a second at most', async () => {
    let [asked, nowMs] = [0, 0]
    const unknown = (_request: IncomingMessage, reply: ServerResponse) => {
      asked++
      reply.writeHead(404).end('{"error_code":40403}')
    }
    await withServer(unknown, async (url) => {
      const client = new HttpRegistry({ url, clock: { nowMs: () => 0, monotonicMs: () => nowMs } })
      for (const at of [0, 1, 999, 1000]) {
        nowMs = at
        assert.equal(await client.byId(7), undefined)
      }
    })
    assert.equal(asked, 2)
  })

  it('gives up where nobody answers, or not in time', async () => {
    const url = await new Promise<string>(
      (resolve) =>
        void withServer(
          () => {},
          async (free) => resolve(free),
        ),
    )
    const gone = new HttpRegistry({ url, attempts: 2 })
    await assert.rejects(gone.byId(1), {
      code: 'MSB_REGISTRY_UNAVAILABLE',
      message: /does not answer: connect ECONNREFUSED/,
    })
    await withServer(
      () => {},
      async (silent) => {
        const client = new HttpRegistry({ url: silent, attempts: 1, timeoutMs: 50 })
        await assert.rejects(client.byId(1), { code: 'MSB_REGISTRY_UNAVAILABLE', message: /timeout/ })
      },
    )
  })
})
