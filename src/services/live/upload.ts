import { createHash, type Hash } from 'node:crypto'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomId } from '#foundation/random/random-id.ts'
import type { Platform } from '../runs/platform.ts'
import type { IngestTotals } from './ingest-thread.ts'
import type { LiveApp } from './live-app.ts'

export interface UploadSpec {
  readonly live: LiveApp
  readonly platform: Platform
  readonly stream: string
  /** Where the file waits until its records are in the log. */
  readonly folder: string
  readonly bytes: AsyncIterable<Uint8Array>
  /** Whether the records of a file that was uploaded before are to count once more. */
  readonly again: boolean
}

export interface UploadReport extends Omit<IngestTotals, 'nextSequence'> {
  /** SHA-256 of the file as it was sent: its name as a producer. */
  readonly upload: string
  /** 1, or more for a file that was uploaded again on purpose. */
  readonly attempt: number
}

/**
 * Takes a whole file, NDJSON or CSV, plain or gzip. It is a producer whose id is its content, so a file that is sent twice counts once, and
 * one that was cut off is completed by sending it again.
 * @throws MSB_INPUT_UNREADABLE, MSB_INPUT_TRUNCATED, MSB_DISK_FULL, MSB_STORAGE_FAILED, and what appending throws
 */
export async function upload(spec: UploadSpec): Promise<UploadReport> {
  mkdirSync(spec.folder, { recursive: true })
  const path = join(spec.folder, randomId())
  try {
    const hash = await keep(path, spec.bytes)
    for (let attempt = await firstAttempt(spec, hash); ; attempt++) {
      const totals = await send(spec, path, producerId(hash, attempt))
      if (!spec.again || !wasWhole(totals)) return report(hash, attempt, totals)
    }
  } finally {
    rmSync(path, { force: true })
  }
}

/** All of it was there before. What was cut off, or never came, is what counts once more; a file without records never does. */
const wasWhole = ({ accepted, rejected, alreadyReceived }: IngestTotals): boolean =>
  accepted + rejected === 0 && alreadyReceived > 0

const report = (
  hash: string,
  attempt: number,
  { accepted, rejected, alreadyReceived }: IngestTotals,
): UploadReport => ({
  upload: hash,
  attempt,
  accepted,
  rejected,
  alreadyReceived,
})

const producerId = (hash: string, attempt: number): string => `upload:${hash}${attempt === 1 ? '' : `#${attempt}`}`

/** The attempt to go on with: the only one, or the last one that was begun. */
async function firstAttempt({ live, stream, again }: UploadSpec, hash: string): Promise<number> {
  let attempt = 1
  while (again && (await live.knownProducer(stream, producerId(hash, attempt + 1))) !== null) attempt++
  return attempt
}

/** Writes the file and answers its hash. */
async function keep(path: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(Readable.from(bytes), through(hash), createWriteStream(path))
  } catch (cause) {
    if (cause instanceof MysimbdpError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOSPC') throw new MysimbdpError('MSB_DISK_FULL', `the file cannot be kept: ${message}`, { cause })
    throw new MysimbdpError('MSB_INPUT_TRUNCATED', `the file did not come to its end: ${message}`, { cause })
  }
  return hash.digest('hex')
}

const through = (hash: Hash): Transform =>
  new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      hash.update(piece)
      done(null, piece)
    },
  })

async function send({ live, platform, stream }: UploadSpec, path: string, id: string): Promise<IngestTotals> {
  const source = await platform.openFile(path)
  const { epoch } = await live.openProducer(stream, id)
  // From the first record on: the log trims what it has.
  const producer = { producerId: id, epoch, sequence: 0 }
  return live.append({ stream, format: source.format, producer }, source.chunks())
}
