import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { Agent, type ClientRequest, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { STREAM } from '../workload/trip-apps.ts'

/**
 * The load generator: sends a part of a file of NDJSON, `[from, to)` in bytes, to each of the apps at once, as fast as the platform takes it:
 * `node bench/jobs/send-records.ts <url> <app,app…> <file> <from> <to>`. Each app gets the lines in their order, one request after the other.
 */
const [url, apps, file, from, to] = process.argv.slice(2) as [string, string, string, string, string]

const REQUEST_BYTES = 32 * 2 ** 20
const PIECE_BYTES = 2 ** 18
const LINE_MAX_BYTES = 4096

/** Where the line that holds this byte ends. */
function lineEnd(descriptor: number, at: number): number {
  const piece = Buffer.alloc(LINE_MAX_BYTES)
  const read = readSync(descriptor, piece, 0, LINE_MAX_BYTES, at)
  return at + piece.subarray(0, read).indexOf(0x0a) + 1
}

/** Cuts a part of the file into requests of whole lines. */
function* requestsOf(path: string, start: number, end: number): Generator<readonly [number, number], void, void> {
  const descriptor = openSync(path, 'r')
  try {
    const last = Math.min(end, fstatSync(descriptor).size)
    for (let at = start; at < last; ) {
      const next = at + REQUEST_BYTES >= last ? last : lineEnd(descriptor, at + REQUEST_BYTES)
      yield [at, next]
      at = next
    }
  } finally {
    closeSync(descriptor)
  }
}

const agent = new Agent({ keepAlive: true })

async function sendTo(app: string): Promise<void> {
  const records = await open(file)
  const piece = Buffer.allocUnsafe(PIECE_BYTES)
  for (const [start, end] of requestsOf(file, Number(from), Number(to))) {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': end - start }
    const sending = request(`${url}/v1/apps/${app}/streams/${STREAM}/records`, { method: 'POST', headers, agent })
    const answered = answerTo(sending)
    for (let at = start; at < end; ) {
      const { bytesRead } = await records.read(piece, 0, Math.min(PIECE_BYTES, end - at), at)
      at += bytesRead
      // The memory is free again when the kernel has the bytes; what is answered too early ends the wait.
      const written = new Promise<void>((resolve) => sending.write(piece.subarray(0, bytesRead), () => resolve()))
      await Promise.race([written, answered])
    }
    sending.end()
    await answered
  }
  await records.close()
}

/** @throws Error for any answer but 200 */
function answerTo(sending: ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    sending.on('error', reject)
    sending.on('response', (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`the platform answered ${response.statusCode}: ${answer}`))
      }, reject)
    })
  })
}

await Promise.all(apps.split(',').map(sendTo))
agent.destroy()
