import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { it } from 'node:test'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import { PlatformClient } from './platform-client.ts'
import { removePlatformFile, writePlatformFile } from './platform-file.ts'

async function withServer(listener: RequestListener, work: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

it('finds the platform that runs on a data folder, and says when none does', () =>
  withScratchFolder(async (folder) => {
    writePlatformFile(folder, { url: 'http://127.0.0.1:7077/', pid: 1 })
    assert.equal(PlatformClient.find({ data: folder }).url, 'http://127.0.0.1:7077')
    removePlatformFile(folder)
    assert.throws(() => PlatformClient.find({ data: folder }), { code: 'MSB_PLATFORM_NOT_FOUND' })
    assert.throws(() => PlatformClient.find({ data: join(folder, 'nothing') }), { code: 'MSB_PLATFORM_NOT_FOUND' })
  }))

it('throws the error that the platform answers, with its code, hint and place', () =>
  withServer(
    (_request, response) => {
      response.statusCode = 404
      response.end(
        JSON.stringify({ error: { code: 'MSB_NOT_FOUND', message: 'no', hint: 'look', where: { app: 'a' } } }),
      )
    },
    (url) =>
      assert.rejects(PlatformClient.find({ url }).get('/v1/apps'), {
        code: 'MSB_NOT_FOUND',
        message: 'no',
        hint: 'look',
        where: { app: 'a' },
      }),
  ))

it('says so when what answers is no platform, or nothing answers', async () => {
  await withServer(
    (_request, response) => void response.writeHead(500).end('<html>'),
    (url) =>
      assert.rejects(PlatformClient.find({ url }).get('/'), { code: 'MSB_PLATFORM_NOT_FOUND', message: /status 500/ }),
  )
  await assert.rejects(PlatformClient.find({ url: 'http://127.0.0.1:1' }).get('/'), {
    code: 'MSB_PLATFORM_NOT_FOUND',
    message: /does not answer/,
  })
})
