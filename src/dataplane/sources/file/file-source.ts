import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { crc32, createGunzip } from 'node:zlib'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Source, SourceFormat, SourcePart } from '../source.ts'
import { readPieces } from './read-pieces.ts'

const CHUNK_BYTES = 256 * 1024
/** The coarsest times of file systems are of two seconds. */
const SETTLED_MS = 2000
const GZIP_MAGIC = [0x1f, 0x8b]
/** `Obj` and 1: an object container. */
const AVRO_MAGIC = [0x4f, 0x62, 0x6a, 1]
const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
]

/** A file of NDJSON, CSV or Avro, plain or gzip. Compression and Avro are told by the first bytes, the others by the name or the first character. */
export class FileSource implements Source {
  readonly name: string
  readonly format: SourceFormat
  readonly #sizeBytes: number
  readonly #path: string
  readonly #compressed: boolean
  #readBytes = 0

  private constructor(path: string, sizeBytes: number, compressed: boolean, format: SourceFormat) {
    this.name = basename(path)
    this.#path = path
    this.#sizeBytes = sizeBytes
    this.#compressed = compressed
    this.format = format
  }

  /** @throws MSB_INPUT_NOT_FOUND, MSB_INPUT_UNREADABLE */
  static async open(path: string): Promise<FileSource> {
    const head = await firstBytes(path)
    const compressed = startsWith(head, GZIP_MAGIC)
    const text = compressed ? await firstUncompressed(path) : head
    requireReadable(path, text)
    return new FileSource(path, statSync(path).size, compressed, formatOf(path, text))
  }

  get progress(): number {
    return this.#sizeBytes === 0 ? 1 : this.#readBytes / this.#sizeBytes
  }

  /** Checksums of all pieces, hashed: it tells a changed file from the same one in a quarter of the time that hashing all bytes takes. */
  async identity(): Promise<string> {
    const hash = createHash('sha256')
    try {
      for await (const piece of readPieces(this.#path, () => {}))
        hash.update(Uint32Array.of(piece.length, crc32(piece)))
    } catch (cause) {
      throw this.#unreadable(cause)
    }
    return `crc32-sha256:${hash.digest('hex')}`
  }

  /** Whoever writes to a file, replaces it or sets its times back leaves another number of the file or another time of its last change. */
  stamp(nowMs: number): string | null {
    const { size, ino, mtimeNs, ctimeNs, ctimeMs } = statSync(this.#path, { bigint: true })
    return nowMs - Number(ctimeMs) < SETTLED_MS ? null : `file:${size}:${ino}:${mtimeNs}:${ctimeNs}`
  }

  async *chunks(room?: () => Uint8Array): AsyncIterable<Uint8Array> {
    this.#readBytes = 0
    const onRead = (bytes: number): void => {
      this.#readBytes += bytes
    }
    try {
      yield* this.#compressed ? decompressed(this.#path, onRead) : readPieces(this.#path, onRead, room)
    } catch (cause) {
      throw this.#unreadable(cause)
    }
  }

  parts(bytes: number): readonly SourcePart[] | null {
    if (this.#compressed || this.format !== 'json') return null
    const count = Math.max(1, Math.ceil(this.#sizeBytes / bytes))
    return Array.from({ length: count }, (_, index) => ({
      path: this.#path,
      from: index * bytes,
      to: Math.min((index + 1) * bytes, this.#sizeBytes),
      last: index === count - 1,
    }))
  }

  partRead({ to }: SourcePart): void {
    this.#readBytes = to
  }

  #unreadable(cause: unknown): MysimbdpError {
    const { code, message, syscall } = cause as NodeJS.ErrnoException
    if (syscall !== undefined) return cannotOpen(this.#path, cause)
    if (code === 'Z_BUF_ERROR')
      return new MysimbdpError('MSB_INPUT_TRUNCATED', `'${this.name}' ends in the middle of its compressed data`, {
        cause,
      })
    return new MysimbdpError('MSB_INPUT_UNREADABLE', `'${this.name}' cannot be decompressed: ${message}`, { cause })
  }
}

function decompressed(path: string, onRead: (bytes: number) => void): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  file.on('data', (chunk) => onRead(chunk.length))
  file.on('error', (error) => gunzip.destroy(error))
  return file.pipe(gunzip)
}

/** What would be read as something it is not. @throws MSB_INPUT_UNREADABLE */
function requireReadable(path: string, head: Uint8Array): void {
  if (UTF16_MARKS.some((mark) => startsWith(head, mark)) || everyOtherByteIsZero(head)) {
    throw new MysimbdpError('MSB_INPUT_UNREADABLE', `'${path}' is UTF-16; inputs are UTF-8`, {
      hint: 'Convert it first, for example with iconv -f UTF-16 -t UTF-8.',
    })
  }
  if (formatOf(path, head) === 'csv' && JSON_START.test(textOf(head))) {
    throw new MysimbdpError('MSB_INPUT_UNREADABLE', `'${path}' is named as CSV and begins as JSON`, {
      hint: 'Rename it, so that it ends with .ndjson.',
    })
  }
}

/** UTF-16 without a mark: JSON and headers begin with ASCII. */
function everyOtherByteIsZero(head: Uint8Array): boolean {
  if (head.length < 4) return false
  const [a, b, c, d] = Array.from(head.subarray(0, 4), (byte) => byte !== 0)
  return a !== b && a === c && b === d
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte)

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(4096), 0, 4096, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw cannotOpen(path, cause)
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you are not permitted to read it',
}

function cannotOpen(path: string, cause: unknown): MysimbdpError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  if (code === 'ESPIPE')
    return new MysimbdpError('MSB_INPUT_UNREADABLE', `'${path}' is a pipe, and an input is read more than once`, {
      cause,
      hint: 'Write it to a file first.',
    })
  return new MysimbdpError('MSB_INPUT_NOT_FOUND', `'${path}' cannot be opened: ${WHY[code] ?? message}`, { cause })
}

async function firstUncompressed(path: string): Promise<Uint8Array> {
  const stream = createReadStream(path, { end: 65_535 }).pipe(createGunzip())
  try {
    for await (const chunk of stream) return chunk as Uint8Array
  } catch {
    // Whatever is wrong with it is reported when it is read.
  }
  return new Uint8Array(0)
}

/**
 * The first bytes tell Avro. `.csv`, `.avro` and `.json`, `.ndjson`, `.jsonl` in the name decide else (a `.gz` behind them is ignored),
 * and without one of them whether it begins with `{`.
 */
function formatOf(path: string, head: Uint8Array): SourceFormat {
  if (startsWith(head, AVRO_MAGIC)) return 'avro'
  const [, extension] = /\.(csv|avro|json|ndjson|jsonl)(?:\.gz)?$/i.exec(path) ?? []
  if (extension !== undefined) return FORMAT_OF_EXTENSION[extension.toLowerCase()] ?? 'json'
  return textOf(head).startsWith('{') ? 'json' : 'csv'
}

const FORMAT_OF_EXTENSION: Readonly<Record<string, SourceFormat>> = { csv: 'csv', avro: 'avro' }

const JSON_START = /^\{\s*"/

const textOf = (head: Uint8Array): string => new TextDecoder().decode(head).trimStart()
