import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { greenhouse, greenhouseQueries, greenhouseReadings } from '../support/greenhouse.ts'
import { ASK, LiveHost, REBUILD, type Replied, until } from '../support/live-host.ts'
import { SlowRequest } from '../support/slow-request.ts'

const REQUESTS_MAX = 4
const BYTES_MAX = 400_000
const SILENCE_MS = 400
const { warmth } = greenhouseQueries
const PRODUCER = '/v1/apps/greenhouse/streams/readings/producers'
const RECORDS = '/v1/apps/greenhouse/streams/readings/records'

const lines = greenhouseReadings(20_000, 4)
const textOf = (some: readonly string[]): string => some.map((line) => `${line}\n`).join('')

/** What tests ask of the greenhouse on a host. */
const clientOf = (host: () => LiveHost) => ({
  slow: (query = '', headers: Record<string, string> = {}): SlowRequest =>
    new SlowRequest(`${host().url}${RECORDS}${query}`, headers),
  opened: async (producer: string) =>
    (await host().request(`${PRODUCER}/${producer}`, { method: 'POST' })).answer as {
      epoch: number
      nextSequence: number
    },
  known: async (producer: string) => (await host().request(`${PRODUCER}/${producer}`)).answer.nextSequence,
  /** How many records `work` brings into the log. */
  brought: async (work: () => Promise<unknown>): Promise<number> => {
    const inLog = async (): Promise<number> => {
      const [reader] = await host().live('greenhouse').openLogs()
      const { end } = await reader!.bounds(0)
      await reader!.close()
      return end
    }
    const before = await inLog()
    await work()
    return (await inLog()) - before
  },
})

describe('requests that bring records', () => {
  let host: LiveHost
  before(async () => {
    const apps = [greenhouse({ warmth: warmth('update') }), greenhouse({ warmth: warmth() }, { name: 'orchard' })]
    host = await LiveHost.open(apps, {
      limits: { requestsMax: REQUESTS_MAX, requestBytesMax: BYTES_MAX, silenceMs: SILENCE_MS },
    })
  })
  after(() => host.close())

  const { slow, opened, known, brought } = clientOf(() => host)
  const post = (body: RequestInit['body'], headers: Record<string, string> = {}, query = ''): Promise<Replied> =>
    host.request(`${RECORDS}${query}`, {
      method: 'POST',
      body: typeof body === 'string' ? Buffer.from(body) : body!,
      headers,
    })

  it('are refused while too many of their app are open, and those of another app are not', async () => {
    const open = Array.from({ length: REQUESTS_MAX }, () => slow())
    await Promise.all(open.map((request) => request.write('{')))
    await until(
      async () => (await host.send('greenhouse', 'readings', [])).status === 429,
      'there are as many requests as may be',
    )
    assert.equal((await host.send('orchard', 'readings', lines.slice(0, 1))).status, 200)
    for (const request of open) request.cut()
    await until(async () => (await host.send('greenhouse', 'readings', [])).status === 200, 'there is room again')
  })

  it('end when they bring too much, and say what is in the log and where a producer goes on', async () => {
    const all = textOf(lines.slice(0, 10_000))
    const { epoch } = await opened('big')
    const first = await post(all, {}, `?producer=big&epoch=${epoch}&sequence=0`)
    assert.deepEqual([first.status, first.answer.error!.code], [413, 'MSB_REQUEST_TOO_LARGE'])
    const { nextSequence } = first.answer
    assert.ok(nextSequence! > 0 && nextSequence! < 10_000)
    assert.deepEqual([first.answer.accepted, await known('big')], [nextSequence, nextSequence])
    let next = nextSequence!
    while (next < 10_000) {
      const { status, answer } = await host.send(
        'greenhouse',
        'readings',
        lines.slice(next, Math.min(10_000, next + 5000)),
        `?producer=big&epoch=${epoch}&sequence=${next}`,
      )
      assert.ok(status === 200 || status === 413)
      next = answer.nextSequence!
    }
    assert.equal(await known('big'), 10_000)
  })

  it('may not bring much more than they seem to', async () => {
    const bomb = gzipSync(textOf(Array.from({ length: 20_000 }, () => lines[0]!)))
    assert.ok(bomb.length < 20_000)
    const { status, answer } = await post(bomb, { 'content-encoding': 'gzip' })
    assert.deepEqual([status, answer.error!.code], [413, 'MSB_REQUEST_TOO_LARGE'])
    assert.ok(answer.accepted! * lines[0]!.length < BYTES_MAX)
    const zeros = await post(gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' })
    assert.deepEqual([zeros.status, zeros.answer.accepted], [413, 0])
  })

  it('end when their sender is silent, and say what is in the log', async () => {
    const { epoch } = await opened('silent')
    const request = slow(`?producer=silent&epoch=${epoch}&sequence=0`)
    await request.write(textOf(lines.slice(0, 4200)))
    await request.write(lines[4200]!.slice(0, 20))
    const { status, answer, headers } = await request.replied()
    assert.deepEqual([status, answer.error!.code], [408, 'MSB_REQUEST_TOO_SLOW'])
    assert.ok(headers['retry-after'])
    assert.equal(answer.nextSequence, await known('silent'))
    assert.equal(answer.accepted, answer.nextSequence)
    request.cut()
  })

  it('leave whole records when their connection is cut, and nothing of the one in the middle', async () => {
    const { epoch } = await opened('cut')
    for (let round = 0; round < 3; round++) {
      const from = (await known('cut'))!
      const request = slow(`?producer=cut&epoch=${epoch}&sequence=${from}`)
      await request.write(textOf(lines.slice(from, from + 4500)))
      await request.write(lines[from + 4500]!.slice(0, 25))
      await until(async () => (await known('cut'))! > from, 'something is in the log')
      request.cut()
    }
    const from = (await known('cut'))!
    const rest = await host.send(
      'greenhouse',
      'readings',
      lines.slice(from, from + 100),
      `?producer=cut&epoch=${epoch}&sequence=${from}`,
    )
    assert.deepEqual([rest.status, rest.answer.accepted, rest.answer.rejected], [200, 100, 0])
  })

  it('may have a last line without an end, empty lines, a byte order mark, and no records at all', async () => {
    const bodies: readonly [string, number][] = [
      [textOf(lines.slice(0, 3)).trimEnd(), 3],
      [`\n\n${textOf(lines.slice(0, 2))}\r\n\n`, 2],
      [`\uFEFF${textOf(lines.slice(0, 2))}`, 2],
      [`\uFEFF${textOf(lines.slice(0, 2))}`, 2],
      ['', 0],
      ['\n', 0],
    ]
    for (const [body, accepted] of bodies) {
      const { status, answer } = await post(body, { 'content-type': 'application/x-ndjson' })
      assert.deepEqual([status, answer.accepted, answer.rejected], [200, accepted, 0], JSON.stringify(answer))
    }
    const nothing = await post(gzipSync(''), { 'content-encoding': 'gzip' })
    assert.deepEqual([nothing.status, nothing.answer.accepted], [200, 0])
  })

  it('may come in pieces or with their length, and in every writing of a content type that can be read', async () => {
    const csv = 'sensor,at,celsius\nnorth,2024-06-01T08:00:00Z,20.5\n'
    const types: readonly [string, string, string?][] = [
      ['application/x-ndjson', `${lines[0]}\n`],
      ['application/json; charset=utf-8', `${lines[0]}\n`],
      ['Application/X-NDJSON', `${lines[0]}\n`],
      ['text/csv', csv],
      ['Text/CSV; header=present', csv],
    ]
    for (const [type, body] of types) {
      const whole = await post(body, { 'content-type': type })
      assert.deepEqual([whole.status, whole.answer.accepted], [200, 1], `${type}: ${JSON.stringify(whole.answer)}`)
      const request = slow('', { 'content-type': type })
      await request.write(body.slice(0, 10))
      await request.write(body.slice(10))
      request.end()
      assert.equal((await request.replied()).answer.accepted, 1)
    }
    assert.equal((await post(Buffer.from(`${lines[0]}\n`))).answer.accepted, 1, 'no content type is NDJSON')
    const zipped = await post(gzipSync(`${lines[0]}\n`), { 'content-encoding': 'GZIP' })
    assert.equal(zipped.answer.accepted, 1)
  })

  it('are refused by what is wrong with them, and bring nothing', async () => {
    const record = `${lines[0]}\n`
    const { epoch } = await opened('refused')
    const as = (query: string) => post(record, {}, query)
    const refusals: readonly [() => Promise<Replied>, number, string, RegExp][] = [
      [() => post(record, { 'content-type': 'application/xml' }), 400, 'MSB_INPUT_UNREADABLE', /application\/xml/],
      [() => post(record, { 'content-type': 'nonsense' }), 400, 'MSB_REQUEST_INVALID', /Unsupported Media Type/],
      [() => post(record, { 'content-encoding': 'br' }), 400, 'MSB_INPUT_UNREADABLE', /'br'/],
      [() => post(record, { 'content-encoding': 'gzip' }), 400, 'MSB_INPUT_UNREADABLE', /cannot be read to its end/],
      [() => as('?producer=refused'), 400, 'MSB_REQUEST_INVALID', /needs its name, epoch and sequence/],
      [() => as('?producer=refused&epoch=1'), 400, 'MSB_REQUEST_INVALID', /needs its name, epoch and sequence/],
      [() => as(`?producer=refused&epoch=${epoch}&sequence=`), 400, 'MSB_REQUEST_INVALID', /whole numbers/],
      [() => as(`?producer=refused&epoch=&sequence=0`), 400, 'MSB_REQUEST_INVALID', /whole numbers/],
      [() => as(`?producer=refused&epoch=${epoch}&sequence=-1`), 400, 'MSB_REQUEST_INVALID', /whole numbers/],
      [() => as(`?producer=refused&epoch=${epoch}&sequence=0x0`), 400, 'MSB_REQUEST_INVALID', /whole numbers/],
      [() => as(`?producer=refused&epoch=${epoch}&sequence=1e300`), 400, 'MSB_REQUEST_INVALID', /whole numbers/],
      [
        () => as(`?producer=refused&producer=other&epoch=${epoch}&sequence=0`),
        400,
        'MSB_REQUEST_INVALID',
        /more than once/,
      ],
      [() => as(`?producer=&epoch=${epoch}&sequence=0`), 400, 'MSB_REQUEST_INVALID', /needs its name/],
      [() => as(`?epoch=${epoch}&sequence=0`), 400, 'MSB_REQUEST_INVALID', /needs its name/],
      [() => as('?prodcuer=refused'), 400, 'MSB_REQUEST_INVALID', /there is no parameter 'prodcuer' here/],
      [() => as('?producer=nobody&epoch=0&sequence=0'), 409, 'MSB_LOG_PRODUCER_FENCED', /nobody/],
      [() => as(`?producer=refused&epoch=${epoch + 1}&sequence=0`), 409, 'MSB_LOG_PRODUCER_FENCED', /refused/],
      [() => as(`?producer=refused&epoch=${epoch}&sequence=5`), 409, 'MSB_LOG_SEQUENCE_GAP', /refused/],
      [() => host.send('greenhouse', 'nope', [record]), 404, 'MSB_NOT_FOUND', /it has readings/],
      [() => host.send('nope', 'readings', [record]), 404, 'MSB_NOT_FOUND', /there is greenhouse, orchard/],
    ]
    const came = await brought(async () => {
      for (const [refused, status, code, message] of refusals) {
        const { status: got, answer } = await refused()
        assert.deepEqual([got, answer.error?.code], [status, code], `${message}: ${JSON.stringify(answer)}`)
        assert.match(answer.error!.message, message)
        assert.ok(answer.error!.hint.length > 10)
      }
    })
    assert.equal(came, 0)
  })

  it('take producers of every name that a URL can say', async () => {
    for (const name of ['a b', 'ü/..', '__proto__', 'upload:x#1', 'x'.repeat(300), "'; drop table"]) {
      const id = encodeURIComponent(name)
      const { epoch, nextSequence } = await opened(id)
      assert.deepEqual([epoch, nextSequence], [1, 0], name)
      const { answer } = await host.send(
        'greenhouse',
        'readings',
        lines.slice(0, 2),
        `?producer=${id}&epoch=1&sequence=0`,
      )
      assert.deepEqual([answer.accepted, await known(id)], [2, 2], name)
    }
  })
})

describe('requests while other things happen', () => {
  let host: LiveHost
  before(async () => {
    host = await LiveHost.open([greenhouse({ warmth: warmth('update') })])
  })
  after(() => host.close())
  const { slow, opened, known, brought } = clientOf(() => host)

  it('are counted once in the figures of the stream, however often a producer has to send them', async () => {
    const sinceStart = async () => (await host.live('greenhouse').inputStats()).get('readings')!.sinceStart
    const before = await sinceStart()
    const { epoch, nextSequence } = await opened('repeating')
    const sent = [...lines.slice(0, 10), 'no JSON']
    for (const _ of [1, 2, 3]) {
      const query = `?producer=repeating&epoch=${epoch}&sequence=${nextSequence}`
      assert.equal((await host.send('greenhouse', 'readings', sent, query)).status, 200)
    }
    const { received, rejected } = await sinceStart()
    assert.deepEqual([received - before.received, rejected - before.rejected], [11, 1])
  })

  it('count each of many small ones at once, when those that are refused come again', async () => {
    const send = async (line: string): Promise<void> => {
      const { status, headers, answer } = await host.send('greenhouse', 'readings', [line])
      if (status === 200) return assert.equal(answer.accepted, 1)
      assert.deepEqual([status, answer.error!.code, answer.accepted], [429, 'MSB_INGEST_BUSY', undefined])
      assert.ok(Number(headers.get('retry-after')) > 0)
      return send(line)
    }
    const senders = Array.from({ length: 100 }, async (_, sender) => {
      for (const line of lines.slice(sender * 5, sender * 5 + 5)) await send(line)
    })
    assert.equal(await brought(() => Promise.all(senders)), 500)
  })

  it('are cut off when ingest begins anew, as what does not run, and their producers go on exactly once', async () => {
    const { epoch } = await opened('across')
    const request = slow(`?producer=across&epoch=${epoch}&sequence=0`)
    await request.write(textOf(lines.slice(0, 4500)))
    await until(async () => (await known('across'))! > 0, 'something is in the log')
    // Another watermark is another reading of the stream: ingest begins anew.
    await host.platform.deploy(greenhouse({ warmth: warmth('update', '60 seconds') }), REBUILD)
    await request.write(textOf(lines.slice(4500, 4600)))
    request.end()
    const { status, answer, headers } = await request.replied()
    assert.deepEqual([status, answer.error!.code], [503, 'MSB_NOT_RUNNING'])
    assert.ok(headers['retry-after'])
    const from = (await known('across'))!
    assert.ok(answer.nextSequence! <= from)
    const rest = await host.send(
      'greenhouse',
      'readings',
      lines.slice(from, 4600),
      `?producer=across&epoch=${epoch}&sequence=${from}`,
    )
    assert.deepEqual([rest.status, rest.answer.nextSequence], [200, 4600])
  })

  it('see nothing of a deployment that changes only queries', async () => {
    const query = greenhouseQueries.cold
    const { epoch } = await opened('calm')
    let [sequence, deployed] = [0, false]
    const deploying = (async () => {
      for (const mode of ['update', 'append', 'update'] as const) {
        const queries = { warmth: warmth('update', '60 seconds'), cold: query(mode, '60 seconds') }
        await host.platform.deploy(
          greenhouse(queries),
          mode === 'append' ? { changed: 'keep', dropRemoved: false } : REBUILD,
        )
      }
      await host.platform.deploy(greenhouse({ warmth: warmth('update', '60 seconds') }), { ...ASK, dropRemoved: true })
      deployed = true
    })()
    for (let sent = 0; !deployed || sent < 5; sent++) {
      const some = lines.slice(sequence % 10_000, (sequence % 10_000) + 20)
      const { status, answer } = await host.send(
        'greenhouse',
        'readings',
        some,
        `?producer=calm&epoch=${epoch}&sequence=${sequence}`,
      )
      assert.deepEqual([status, answer.accepted], [200, 20], JSON.stringify(answer))
      sequence = answer.nextSequence!
    }
    await deploying
    await host.caughtUp('greenhouse')
  })
})
