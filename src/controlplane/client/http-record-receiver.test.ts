import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import { HttpRecordReceiver } from './http-record-receiver.ts'
import { writePlatformFile } from './platform-file.ts'

interface Answer {
  readonly status: number
  readonly document: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What a platform answers is written here: the routes themselves are met by the tests of the live platform. */
async function answered<T>(answer: Answer, work: (receiver: HttpRecordReceiver) => Promise<T>): Promise<T> {
  return withListener(
    (response) => void response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.document)),
    (url) => work(new HttpRecordReceiver({ url }, 'app', 'stream')),
  )
}

async function withListener<T>(
  listen: (response: ServerResponse) => void,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer((_request, response) => listen(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const totals = { accepted: 3, rejected: 1, alreadyReceived: 2, nextSequence: 16 }
const error = { code: 'MSB_DISK_FULL', message: 'no space' }
const sent = { producerId: 'emulate:x#2', epoch: 1, sequence: 10, lines: Buffer.from('{}\n') }
const send = (answer: Answer) => answered(answer, (receiver) => receiver.send(sent))

it('goes on from where a busy platform stands, after the pause it asks for', async () => {
  const busy = {
    status: 429,
    document: { error: { code: 'MSB_INGEST_BUSY', message: 'wait' }, ...totals },
    headers: { 'retry-after': '2' },
  }
  assert.deepEqual(await send(busy), { ...totals, pauseMs: 2000, tooLarge: null, failure: null })
  assert.equal((await send({ ...busy, headers: {} })).pauseMs, 1000)
  const inside = await send({ status: 429, document: { error: { ...error, ...totals } } })
  assert.equal(inside.nextSequence, 16)
})

it('counts what a platform in trouble took, and says what the trouble is; what no pause can help is thrown', async () => {
  const full = await send({ status: 507, document: { error, ...totals }, headers: { 'retry-after': '30' } })
  assert.deepEqual([full.nextSequence, full.pauseMs, full.failure?.code], [16, 30_000, 'MSB_DISK_FULL'])
  assert.equal((await send({ status: 503, document: { error } })).nextSequence, 10)
  const fenced = { code: 'MSB_LOG_PRODUCER_FENCED', message: 'another' }
  await assert.rejects(send({ status: 409, document: { error: fenced, ...totals } }), { code: fenced.code })
})

it('says when a request is too large', async () => {
  const { tooLarge, nextSequence } = await send({ status: 413, document: { error } })
  assert.deepEqual([tooLarge?.message, nextSequence], ['no space', 10])
})

it('takes an answer without counts for none of a platform', () =>
  assert.rejects(send({ status: 200, document: { hello: true } }), { code: 'MSB_PLATFORM_NOT_FOUND' }))

it('meets half an answer with an error that can be tried again', () =>
  withListener(
    (response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"accepted":', () => response.destroy())
    },
    (url) =>
      assert.rejects(new HttpRecordReceiver({ url }, 'app', 'stream').send(sent), { code: 'MSB_PLATFORM_NOT_FOUND' }),
  ))

it('finds a platform that comes back at another address', () =>
  withScratchFolder(async (data) => {
    const receiver = new HttpRecordReceiver({ data }, 'app', 'stream')
    await assert.rejects(receiver.openProducer('p'), { code: 'MSB_PLATFORM_NOT_FOUND' })
    for (const epoch of [1, 2]) {
      await withListener(
        (response) => void response.end(JSON.stringify({ epoch, nextSequence: 0 })),
        async (url) => {
          writePlatformFile(data, { url, pid: 1 })
          if (epoch === 2) await assert.rejects(receiver.openProducer('p'), { code: 'MSB_PLATFORM_NOT_FOUND' })
          assert.equal((await receiver.openProducer('p')).epoch, epoch)
        },
      )
    }
  }))
