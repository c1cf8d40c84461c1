import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { followEvents } from './followed-events.ts'
import { PlatformClient } from './platform-client.ts'

it('opens a lost connection again behind the last event, and says so', async () => {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const answers = [
      'event: a\ndata: 1\n\nid: x\nevent: b\ndata: 2\n\n',
      'event: c\ndata: 3\n\n',
      'event: d\ndata: 4\n\n',
    ]
    response.write(`retry: 5\n\n${answers[asked.length - 1]}`)
    // The first connection breaks, the second one ends, the third one stays.
    if (asked.length === 1) setImmediate(() => response.destroy())
    if (asked.length === 2) response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = PlatformClient.find({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const said: string[] = []
  const seen: string[] = []
  for await (const { event, data } of followEvents({
    connect: (id) => client.request('/', { headers: id === undefined ? {} : { 'last-event-id': id } }),
    onLost: () => said.push('lost'),
    onBack: () => said.push('back'),
  })) {
    seen.push(`${event}${data}`)
    if (event === 'd') break
  }
  assert.deepEqual(seen, ['a1', 'b2', 'c3', 'd4'])
  assert.deepEqual(asked, [undefined, 'x', 'x'])
  assert.deepEqual(said, ['lost', 'back', 'lost', 'back'])
  server.closeAllConnections()
  server.close()
})
