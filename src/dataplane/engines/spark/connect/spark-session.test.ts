import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { sparkAddressOf } from './connection-string.ts'
import { SparkSession } from './spark-session.ts'
import { activeQueries } from './streaming-query.ts'

/** A server that speaks HTTP/2 and gives no answer that is complete. */
async function silentServer(test: TestContext, onCall: (call: string, stream: ServerHttp2Stream) => void) {
  const server = createServer()
  const connections = new Set<ServerHttp2Session>()
  server.on('session', (connection) => connections.add(connection))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    onCall(String(headers[':path']).split('/').at(-1)!, stream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => {
    for (const connection of connections) connection.destroy()
    server.close()
  })
  return new SparkSession(sparkAddressOf(`sc://127.0.0.1:${(server.address() as AddressInfo).port}`))
}

describe('a session of Spark', () => {
  it('ends what waits for an answer when it is closed, and connects no more', { timeout: 10_000 }, async (test) => {
    const calls: string[] = []
    const begun = Promise.withResolvers<void>()
    const session = await silentServer(test, (call) => {
      calls.push(call)
      begun.resolve()
    })
    const asked = assert.rejects(activeQueries(session), { code: 'MSB_NOT_RUNNING' })
    await begun.promise
    session.close()
    await asked
    await assert.rejects(session.version(), { code: 'MSB_NOT_RUNNING' })
    assert.deepEqual(calls, ['ExecutePlan'])
  })

  it('goes on with an execution whose answer is cut off', { timeout: 10_000 }, async (test) => {
    const calls: string[] = []
    const cutOff = Promise.withResolvers<void>()
    const session = await silentServer(test, (call, stream) => {
      calls.push(call)
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
      if (calls.length === 1) stream.end()
      else cutOff.resolve()
    })
    const asked = assert.rejects(activeQueries(session), { code: 'MSB_NOT_RUNNING' })
    await cutOff.promise
    session.close()
    await asked
    assert.deepEqual(calls, ['ExecutePlan', 'ReattachExecute'])
  })
})
