import assert from 'node:assert/strict'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { greenhouse, greenhouseQueries, greenhouseReadings } from '../support/greenhouse.ts'
import { type Answer, LiveHost, until } from '../support/live-host.ts'
import { SlowRequest } from '../support/slow-request.ts'

const UPLOADS = '/v1/apps/greenhouse/streams/readings/uploads'
const BYTES_MAX = 2_000_000
const REQUESTS_MAX = 8

describe('uploaded files', () => {
  let host: LiveHost
  before(async () => {
    host = await LiveHost.open([greenhouse({ warmth: greenhouseQueries.warmth('update') })], {
      limits: { uploadBytesMax: BYTES_MAX, silenceMs: 400, requestsMax: REQUESTS_MAX },
    })
  })
  after(() => host.close())

  const fileOf = (count: number, seed: number): Buffer => Buffer.from(`${greenhouseReadings(count, seed).join('\n')}\n`)
  const upload = (body: Uint8Array | string, query = '') =>
    host.request(`${UPLOADS}${query}`, { method: 'POST', body: Buffer.from(body) })
  const counts = ({ accepted, rejected, alreadyReceived, attempt }: Answer) => ({
    accepted,
    rejected,
    alreadyReceived,
    attempt,
  })
  const once = (accepted: number, attempt = 1) => ({ accepted, rejected: 0, alreadyReceived: 0, attempt })
  const spooled = (): readonly string[] => {
    const folder = host.pathOf('greenhouse', 'uploads')
    return existsSync(folder) ? readdirSync(folder) : []
  }
  const inLog = async (): Promise<number> => {
    const [reader] = await host.live('greenhouse').openLogs()
    const { end } = await reader!.bounds(0)
    await reader!.close()
    return end
  }

  it('count once however often they are sent, and once more each time somebody says so', async () => {
    const file = fileOf(300, 1)
    const first = await upload(file)
    assert.deepEqual([counts(first.answer), first.answer.delivery], [once(300), 'exactly-once'])
    assert.equal(first.answer.note, undefined)
    const repeat = await upload(file)
    assert.deepEqual(counts(repeat.answer), { accepted: 0, rejected: 0, alreadyReceived: 300, attempt: 1 })
    assert.match(repeat.answer.note!, /again=true/)
    assert.deepEqual(counts((await upload(file, '?again=true')).answer), once(300, 2))
    assert.deepEqual(counts((await upload(file, '?again=true')).answer), once(300, 3))
    assert.equal((await upload(file, '?again=false')).answer.accepted, 0)
    assert.equal(await inLog(), 900)
  })

  it('are refused while too many requests bring records to their app, and keep no place when they fail', async () => {
    const open = Array.from({ length: REQUESTS_MAX + 3 }, () => new SlowRequest(`${host.url}${UPLOADS}`))
    const replied = await Promise.all(open.map((request) => request.replied()))
    const statuses = replied.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [...Array<number>(REQUESTS_MAX).fill(408), 429, 429, 429])
    assert.deepEqual(counts((await upload(fileOf(1, 3))).answer), once(1))
  })

  it('count once when they never came before, also with again=true', async () => {
    const before = await inLog()
    assert.deepEqual(counts((await upload(fileOf(40, 2), '?again=true')).answer), once(40))
    assert.equal(await inLog(), before + 40)
  })

  it('are read by what they are: NDJSON, CSV, either of them zipped', async () => {
    const csv = 'sensor,at,celsius\nnorth,2024-06-01T08:00:00Z,20.5\nsouth,2024-06-01T08:00:01Z,\n'
    for (const [file, accepted] of [
      [fileOf(20, 3), 20],
      [gzipSync(fileOf(20, 4)), 20],
      [Buffer.from(csv), 2],
      [gzipSync(csv), 2],
      [Buffer.from(csv.replaceAll('\n', '\r\n')), 2],
    ] as const)
      assert.deepEqual(counts((await upload(file)).answer), once(accepted))
  })

  it('keep what cannot be read as dead letters, or are refused whole where nothing can', async () => {
    const mixed = await upload('{"sensor":1}\n{"sensor":"north","at":"2024-06-01T08:00:00Z","celsius":1.5}\n{')
    assert.deepEqual(counts(mixed.answer), { accepted: 1, rejected: 2, alreadyReceived: 0, attempt: 1 })
    for (const empty of ['\n\n', gzipSync('')]) {
      const { status, answer } = await upload(empty)
      assert.deepEqual([status, counts(answer), answer.note], [200, once(0), undefined])
      assert.deepEqual(counts((await upload(empty, '?again=true')).answer), once(0))
    }
    assert.deepEqual((await upload('')).answer.error?.message, 'there is no file in the body')
    const utf16 = await upload(Buffer.from(fileOf(5, 5).toString(), 'utf16le'))
    assert.deepEqual([utf16.status, utf16.answer.error!.code], [400, 'MSB_INPUT_UNREADABLE'])
    const before = await inLog()
    const image = await upload(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2, 3, 255, 254]))
    assert.ok(image.status === 400 || image.answer.accepted === 0, JSON.stringify(image.answer))
    assert.ok((await inLog()) - before <= 2)
    const zip = gzipSync(fileOf(3000, 6))
    const torn = await upload(zip.subarray(0, zip.length - 100))
    assert.deepEqual([torn.status, torn.answer.error!.code], [400, 'MSB_INPUT_TRUNCATED'])
  })

  it('that are cut off bring nothing, and count once when they come whole', async () => {
    const file = fileOf(500, 7)
    const before = await inLog()
    const cut = new SlowRequest(`${host.url}${UPLOADS}`)
    await cut.write(file.subarray(0, 9000))
    await until(() => spooled().length === 1, 'it is on its way')
    cut.cut()
    await until(() => spooled().length === 0, 'what was kept of it is gone')
    const silent = new SlowRequest(`${host.url}${UPLOADS}`)
    await silent.write(file.subarray(0, 9000))
    assert.equal((await silent.replied()).status, 408)
    assert.equal(await inLog(), before)
    assert.deepEqual(counts((await upload(file)).answer), once(500))
  })

  it('count once when they come twice at the same time', async () => {
    for (const seed of [8, 9, 10]) {
      const [file, before] = [fileOf(5000, seed), await inLog()]
      const answers = await Promise.all([upload(file), upload(file), upload(file)])
      assert.equal(await inLog(), before + 5000)
      for (const { status, answer } of answers) assert.equal(status, 200, JSON.stringify(answer))
      assert.equal(
        answers.reduce((sum, { answer }) => sum + answer.accepted!, 0),
        5000,
      )
      const again = await Promise.all([upload(file, '?again=true'), upload(file, '?again=true')])
      assert.deepEqual(again.map(({ answer }) => answer.attempt).sort(), [2, 3])
      assert.equal(await inLog(), before + 15_000)
    }
  })

  it('are refused for what it is when they cannot be kept', async () => {
    const folder = host.pathOf('greenhouse', 'uploads')
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
    const { status, answer } = await upload(fileOf(5, 12))
    assert.deepEqual([status, answer.error!.code], [503, 'MSB_STORAGE_FAILED'])
    assert.match(answer.error!.message, /the file cannot be kept/)
    rmSync(folder)
    assert.equal((await upload(fileOf(5, 12))).answer.accepted, 5)
  })

  it('may be no larger than the limit', async () => {
    const { status, answer } = await upload(Buffer.alloc(BYTES_MAX + 1, 'x'))
    assert.deepEqual([status, answer.error!.code], [413, 'MSB_REQUEST_TOO_LARGE'])
    const nothing = await host.request(UPLOADS, { method: 'POST' })
    assert.ok(nothing.status === 400 || nothing.answer.accepted === 0)
  })

  it('go on while other versions of the app are put in place, and leave nothing behind', async () => {
    const file = fileOf(2000, 11)
    const slow = new SlowRequest(`${host.url}${UPLOADS}`)
    await slow.write(file.subarray(0, 5000))
    await until(() => spooled().length === 1, 'it is on its way')
    let deployed = false
    const watermark60 = greenhouse({ warmth: greenhouseQueries.warmth('update', '60 seconds') })
    const deploying = host.platform.deploy(watermark60, { changed: 'rebuild', dropRemoved: false }).then(() => {
      deployed = true
    })
    let at = 5000
    for (; !deployed; at += 30) {
      assert.ok(at < file.length, 'there is enough of the file')
      await slow.write(file.subarray(at, at + 30))
      assert.equal((await host.request('/health')).status, 200)
    }
    await deploying
    await slow.write(file.subarray(at))
    slow.end()
    const { status, answer } = await slow.replied()
    assert.deepEqual([status, answer.accepted], [200, 2000], JSON.stringify(answer))
    await until(() => spooled().length === 0, 'what was kept of it is gone')
  })
})
