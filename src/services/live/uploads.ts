import { createHash, type Hash } from 'node:crypto'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Source } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomId } from '#foundation/random/random-id.ts'
import { OneAtATimeEach } from '#foundation/threads/one-at-a-time.ts'
import type { Platform } from '../runs/platform.ts'
import type { LiveApp } from './live-app.ts'
import type { IngestTotals } from './received-requests.ts'

export interface UploadSpec {
  readonly live: LiveApp
  readonly stream: string
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

/** The files that are being uploaded to one app. */
export class Uploads {
  readonly #folder: string
  readonly #platform: Platform
  /** The same file twice at the same time would be two instances of one producer. */
  readonly #sending = new OneAtATimeEach()

  /** @param folder where files wait until their records are in the log */
  constructor(folder: string, platform: Platform) {
    this.#folder = folder
    this.#platform = platform
  }

  /** Files that were being uploaded when the process was killed go away: their senders send them again. */
  removeLeftovers(): void {
    remove(this.#folder)
  }

  /**
   * Takes a whole file, NDJSON, CSV or Avro, plain or gzip. It is a producer whose id is its content, so a file that is sent twice counts once, and
   * one that was cut off is completed by sending it again.
   * @throws MSB_INPUT_UNREADABLE, MSB_INPUT_TRUNCATED, MSB_DISK_FULL, MSB_STORAGE_FAILED, and what appending throws
   */
  async take(spec: UploadSpec): Promise<UploadReport> {
    const path = join(this.#folder, randomId())
    try {
      const hash = await keep(path, spec.bytes)
      return await this.#sending.run(`${spec.stream}/${hash}`, () => this.#append(spec, path, hash))
    } finally {
      remove(path)
    }
  }

  async #append(spec: UploadSpec, path: string, hash: string): Promise<UploadReport> {
    for (let attempt = await firstAttempt(spec, hash); ; attempt++) {
      const source = await this.#platform.openFile(path)
      const totals = await send(spec, source, producerId(hash, attempt))
      if (!spec.again || !wasWhole(totals)) return report(hash, attempt, totals)
    }
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
    mkdirSync(dirname(path), { recursive: true })
    await pipeline(Readable.from(bytes), through(hash), createWriteStream(path))
  } catch (cause) {
    if (cause instanceof MysimbdpError) throw cause
    const { code, message, syscall = 'read' } = cause as NodeJS.ErrnoException
    if (code === 'ENOSPC') throw new MysimbdpError('MSB_DISK_FULL', `the file cannot be kept: ${message}`, { cause })
    if (syscall !== 'read')
      throw new MysimbdpError('MSB_STORAGE_FAILED', `the file cannot be kept: ${message}`, { cause })
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

async function send({ live, stream }: UploadSpec, source: Source, id: string): Promise<IngestTotals> {
  const { epoch } = await live.openProducer(stream, id)
  // From the first record on: the log trims what it has.
  const producer = { producerId: id, epoch, sequence: 0 }
  return live.append({ stream, format: source.format, producer }, source.chunks())
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // It only takes space; the app runs all the same.
  }
}
