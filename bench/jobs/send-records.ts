import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { Readable } from 'node:stream'
import { STREAM } from '../workload/trip-apps.ts'

/**
 * The load generator: sends a part of a file of NDJSON, `[from, to)` in bytes, to each of the apps at once, as fast as the platform takes it:
 * `node bench/jobs/send-records.ts <url> <app,app…> <file> <from> <to>`. Each app gets the lines in their order, one request after the other.
 */
const [url, apps, file, from, to] = process.argv.slice(2) as [string, string, string, string, string]

const REQUEST_BYTES = 32 * 2 ** 20
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

async function sendTo(app: string): Promise<void> {
  for (const [start, end] of requestsOf(file, Number(from), Number(to))) {
    const response = await fetch(`${url}/v1/apps/${app}/streams/${STREAM}/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: Readable.toWeb(createReadStream(file, { start, end: end - 1, highWaterMark: 2 ** 18 })) as ReadableStream,
      duplex: 'half',
    } as RequestInit)
    const answer = await response.text()
    if (response.status !== 200) throw new Error(`the platform answered ${response.status}: ${answer}`)
  }
}

await Promise.all(apps.split(',').map(sendTo))
