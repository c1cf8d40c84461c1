import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { appToJson } from '#services/apps/app-document.ts'
import { greenhouse, greenhouseQueries } from '../support/greenhouse.ts'
import { LiveHost } from '../support/live-host.ts'
import { SlowRequest } from '../support/slow-request.ts'

describe('whatever is asked over HTTP', () => {
  let host: LiveHost
  before(async () => {
    host = await LiveHost.open([greenhouse({ warmth: greenhouseQueries.warmth() })])
  })
  after(() => host.close())

  /** Sends bytes as they are, and answers what comes back until the connection is closed. */
  async function raw(text: string): Promise<string> {
    const socket = connect(Number(new URL(host.url).port), '127.0.0.1')
    socket.setEncoding('utf8')
    let said = ''
    socket.on('data', (piece) => (said += piece))
    socket.on('error', () => {})
    socket.write(text)
    await once(socket, 'close')
    return said
  }

  it('is answered only for names of this machine, and pages from it', async () => {
    const port = new URL(host.url).port
    const allowed = ['localhost', `localhost:${port}`, '127.0.0.1', `127.0.0.1:${port}`, `[::1]:${port}`]
    const foreign = ['elsewhere.example', '127.0.0.1.elsewhere.example', 'localhost.elsewhere.example:7077', '']
    for (const hosts of [allowed, foreign])
      for (const name of hosts) {
        const said = await raw(`GET /health HTTP/1.1\r\nhost: ${name}\r\nconnection: close\r\n\r\n`)
        assert.match(said, hosts === allowed ? /^HTTP\/1\.1 200/ : /^HTTP\/1\.1 403.*MSB_FORBIDDEN/s, name)
      }
    const origins: readonly [string, number][] = [
      ['http://127.0.0.1:3000', 200],
      ['https://localhost', 200],
      ['https://elsewhere.example', 403],
      ['null', 403],
      ['http://127.0.0.1.elsewhere.example', 403],
      ['file://', 403],
    ]
    for (const [origin, status] of origins)
      assert.equal((await host.request('/v1/apps', { headers: { origin } })).status, status, origin)
  })

  it('is refused as JSON with a code where there is nothing', async () => {
    const nothing: readonly [string, string][] = [
      ['GET', '/v1/nothing'],
      ['GET', '/v1/apps/greenhouse/'],
      ['DELETE', '/v1/apps/greenhouse'],
      ['PUT', '/v1/apps'],
      ['OPTIONS', '/v1/apps'],
      ['GET', '/v1/apps/greenhouse/streams/readings/records'],
      ['GET', '/v1/apps/..%2F..%2Fetc/queries/warmth/results'],
      ['GET', '/v1/apps/%2e%2e/queries/warmth/results'],
      ['GET', '/v1/apps/__proto__'],
      ['GET', '/v1/apps/constructor'],
      ['POST', '/v1/apps/greenhouse/streams/__proto__/records'],
      ['POST', '/v1/apps/greenhouse/streams/constructor/uploads'],
      ['POST', '/v1/apps/toString/job/stop'],
      ['GET', '/page/..%2f..%2fpackage.json'],
      ['GET', '/..%2f..%2f..%2fetc/passwd'],
      ['GET', `/v1/apps/${'x'.repeat(500)}`],
    ]
    for (const [method, path] of nothing) {
      const { status, answer } = await host.request(path, { method })
      assert.deepEqual([status, answer.error?.code], [404, 'MSB_NOT_FOUND'], `${method} ${path}`)
    }
    const head = await host.request('/v1/nothing', { method: 'HEAD' })
    assert.equal(head.status, 404)
  })

  it('is not taken for something that every object has', async () => {
    const { status, answer } = await host.request('/v1/apps/greenhouse/streams/readings/dead-letters?code=toString')
    assert.deepEqual([status, answer.error?.code], [400, 'MSB_REPLAY_INVALID'])
  })

  it('is refused as JSON with a code where it cannot be read', async () => {
    const unreadable: readonly string[] = [
      'GET /v1/apps/%E0%A4%A HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      `GET /v1/apps/${'x'.repeat(2000)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      `GET /v1/apps/${'x'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
      'this is no HTTP\r\n\r\n',
      'POST /v1/apps HTTP/1.1\r\nhost: localhost\r\ncontent-length: nonsense\r\n\r\n',
      'POST /v1/apps HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nZZ\r\n',
    ]
    for (const request of unreadable) {
      const said = await raw(request)
      assert.match(said, /^HTTP\/1\.1 4\d\d /, request.slice(0, 40))
      const { error } = JSON.parse(said.slice(said.indexOf('{'))) as { error: { code: string; hint: string } }
      assert.equal(error.code, 'MSB_REQUEST_INVALID', request.slice(0, 40))
    }
  })

  it('answers HEAD like GET without a body', async () => {
    for (const path of ['/', '/health', '/v1/apps', '/v1/apps/greenhouse/queries/warmth/results']) {
      const request = new SlowRequest(`${host.url}${path}`, {}, 'HEAD')
      request.end()
      const { status, text } = await request.replied()
      assert.deepEqual([status, text], [200, ''], path)
    }
  })

  it('does not deploy by half-understood parameters, or anything that is no app', async () => {
    const post = (query: string, body: string) => host.request(`/v1/apps${query}`, { method: 'POST', body })
    for (const query of ['?dryRun=1', '?dryrun=true', '?changed=maybe', '?changed=keep&changed=ask', '?dropRemoved=']) {
      const { status, answer } = await post(query, '{}')
      assert.deepEqual([status, answer.error!.code], [400, 'MSB_REQUEST_INVALID'], query)
    }
    const deep = `{"plan":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const document = appToJson(greenhouse({ warmth: greenhouseQueries.warmth() }, { name: 'deep' }))
    const filters = 20_000
    const filtered = document.replace(
      /"input":(\{"kind":"Source".*?"badRecords":"[a-z-]+"\})/,
      `"input":${'{"kind":"Filter","input":'.repeat(filters)}$1${',"predicate":{}}'.repeat(filters)}`,
    )
    assert.notEqual(filtered, document)
    for (const body of ['', '{', 'null', '[]', '"x"', '{"plan":null}', deep, filtered]) {
      const { status, answer } = await post('', body)
      assert.deepEqual([status, answer.error!.code], [400, 'MSB_PLAN_MALFORMED'], body.slice(0, 20))
    }
    const large = await post('', ' '.repeat(9_000_000))
    assert.deepEqual([large.status, large.answer.error!.code], [413, 'MSB_REQUEST_TOO_LARGE'])
    assert.deepEqual([...host.platform.apps.keys()], ['greenhouse'])
  })

  it('takes commands for jobs only as they are meant', async () => {
    const post = (path: string, body?: string) =>
      host.request(`/v1/apps/greenhouse/job/${path}`, { method: 'POST', ...(body !== undefined && { body }) })
    for (const body of ['{', '[]', '{"queries":"warmth"}', '{"queries":[1]}'])
      assert.equal((await post('rebuild', body)).answer.error?.code, 'MSB_PLAN_MALFORMED', body)
    assert.equal((await post('rebuild', '{"queries":["nope"]}')).status, 404)
    assert.equal((await post('rebuild', '{"queries":["warmth"]}')).status, 200)
    for (const command of ['stop', 'stop', 'start', 'start', 'rebuild']) assert.equal((await post(command)).status, 200)
    assert.equal(host.live('greenhouse').job.state, 'running')
  })
})
