import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { FeedRecord } from './feed-record.ts'

const WRITE_BYTES = 1024 * 1024
const READ_BYTES = 128 * 1024
/** Kind (1 byte), event time (8), shift (8), length of the text (4). */
const HEADER_BYTES = 21

/** Records of a run, one after the other. */
export interface RunReader {
  /** Its place among the runs. */
  readonly run: number
  next(): FeedRecord | null
}

/**
 * Sorted runs of records in one temporary file. The file loses its name as soon as it is open, so its space is free again when the process
 * ends, however it ends.
 * @throws MSB_DISK_FULL, MSB_STORAGE_FAILED; so does every method but `close`
 */
export class RunFile {
  readonly #file: number
  /** Where each run ends; it begins where the one before ends. */
  readonly #ends: number[] = []

  constructor() {
    this.#file = guarded(openNameless)
  }

  get runs(): number {
    return this.#ends.length
  }

  append(records: readonly FeedRecord[]): void {
    let end = this.#ends.at(-1) ?? 0
    let [pieces, bytes]: [Uint8Array[], number] = [[], 0]
    const flush = (): void => {
      if (bytes > 0) writeFully(this.#file, Buffer.concat(pieces, bytes), end)
      end += bytes
      ;[pieces, bytes] = [[], 0]
    }
    for (const record of records) {
      const encoded = encode(record)
      pieces.push(encoded)
      bytes += encoded.length
      if (bytes >= WRITE_BYTES) flush()
    }
    flush()
    this.#ends.push(end)
  }

  /** A reader of each run, from its beginning. */
  readers(): readonly RunReader[] {
    return this.#ends.map((end, run) => new BufferedRunReader(this.#file, run, this.#ends[run - 1] ?? 0, end))
  }

  /** Never throws. */
  close(): void {
    try {
      closeSync(this.#file)
    } catch {
      // Closed before: nothing is left to do.
    }
  }
}

class BufferedRunReader implements RunReader {
  readonly run: number
  readonly #file: number
  readonly #end: number
  #position: number
  #buffer: Buffer = Buffer.alloc(0)

  constructor(file: number, run: number, start: number, end: number) {
    this.run = run
    this.#file = file
    this.#position = start
    this.#end = end
  }

  next(): FeedRecord | null {
    if (this.#buffer.length === 0 && this.#position === this.#end) return null
    this.#require(HEADER_BYTES)
    const length = HEADER_BYTES + this.#buffer.readUInt32LE(17)
    this.#require(length)
    const record = decode(this.#buffer.subarray(0, length))
    this.#buffer = this.#buffer.subarray(length)
    return record
  }

  #require(bytes: number): void {
    if (this.#buffer.length >= bytes) return
    const wanted = Math.min(Math.max(READ_BYTES, bytes), this.#buffer.length + this.#end - this.#position)
    const buffer = Buffer.allocUnsafe(wanted)
    let filled = this.#buffer.copy(buffer)
    while (filled < wanted) {
      const read = guarded(() => readSync(this.#file, buffer, filled, wanted - filled, this.#position))
      if (read === 0) throw new MysimbdpError('MSB_STORAGE_FAILED', 'a temporary file ends before its end')
      filled += read
      this.#position += read
    }
    this.#buffer = buffer
  }
}

function encode(record: FeedRecord): Uint8Array {
  const body = record.kind === 'readable' ? Buffer.from(record.members) : record.bytes
  const encoded = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  encoded.writeUInt8(record.kind === 'readable' ? 1 : 0, 0)
  encoded.writeDoubleLE(record.eventTimeMs, 1)
  encoded.writeDoubleLE(record.kind === 'readable' ? record.shiftMs : 0, 9)
  encoded.writeUInt32LE(body.length, 17)
  encoded.set(body, HEADER_BYTES)
  return encoded
}

function decode(encoded: Buffer): FeedRecord {
  const eventTimeMs = encoded.readDoubleLE(1)
  if (encoded[0] === 0) return { kind: 'unreadable', bytes: encoded.subarray(HEADER_BYTES), eventTimeMs }
  return {
    kind: 'readable',
    members: encoded.toString('utf8', HEADER_BYTES),
    eventTimeMs,
    shiftMs: encoded.readDoubleLE(9),
  }
}

function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-sort-'))
  try {
    return openSync(join(folder, 'runs'), 'w+')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeFully(file: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length; )
    written += guarded(() => writeSync(file, bytes, written, bytes.length - written, position + written))
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new MysimbdpError(
      code === 'ENOSPC' ? 'MSB_DISK_FULL' : 'MSB_STORAGE_FAILED',
      `the temporary file that sorts the input cannot be used: ${message}`,
      { cause, hint: 'Set TMPDIR to a folder on a disk with space, or sort the input first and use --no-sort.' },
    )
  }
}
