import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { ByteInput } from '../byte-input.ts'
import { BLOCK_BYTES_MAX, codecOf } from './block-codecs.ts'
import { ByteCursor } from './byte-cursor.ts'
import { type ContainerHeader, readContainerHeader, SYNC_BYTES } from './container-header.ts'

/** Metadata and schema of a writer are small; more is no Avro, or an attack. */
const HEADER_BYTES_MAX = 4 * 1024 * 1024

export interface AvroBlock {
  readonly count: number
  /** Decompressed records; valid until the next block is asked for. */
  readonly records: Uint8Array
}

/** Takes an object container apart as its bytes come. Errors name the block, counted from 1, and the byte at which it begins. */
export class ContainerReader {
  readonly #input = new ByteInput()
  #header: ContainerHeader | null = null
  #decompress: (block: Uint8Array) => Uint8Array = (block) => block
  /** Blocks that were begun. */
  #blocks = 0
  #blockStart = 0

  /** Adds a chunk, which may already lie in `room`. */
  append(chunk: Uint8Array): void {
    if (this.#input.isInRoom(chunk)) this.#input.grow(chunk.length)
    else this.#input.append(chunk, Number.POSITIVE_INFINITY)
  }

  /** Memory for so many bytes more. */
  room(lengthBytes: number): Uint8Array {
    return this.#input.room(lengthBytes, Number.POSITIVE_INFINITY)
  }

  /** The header, once it is complete. @throws MSB_INPUT_UNREADABLE */
  header(): ContainerHeader | null {
    if (this.#header !== null || this.#input.unread === 0) return this.#header
    const cursor = this.#cursor()
    const header = readContainerHeader(cursor)
    if (cursor.fault !== null) {
      if (this.#input.unread > HEADER_BYTES_MAX)
        throw new MysimbdpError(
          'MSB_INPUT_UNREADABLE',
          `the header of the Avro input has more than ${HEADER_BYTES_MAX} bytes`,
        )
      return null
    }
    this.#decompress = codecOf(header.codec)
    this.#input.cursor = cursor.position
    return (this.#header = header)
  }

  /** The next block that is complete. @throws MSB_INPUT_UNREADABLE */
  next(): AvroBlock | null {
    const header = this.header()
    if (header === null || this.#input.unread === 0) return null
    const cursor = this.#cursor()
    this.#blockStart = this.#input.base + this.#input.cursor
    const count = cursor.long()
    const size = cursor.long()
    if (cursor.fault === 'short') return null
    this.#blocks++
    if (cursor.fault !== null || count < 0n || size < 0n || size > BLOCK_BYTES_MAX)
      throw this.damage(`a block of ${count} records in ${size} bytes is not possible`)
    const compressed = cursor.bytes(Number(size))
    const sync = cursor.bytes(SYNC_BYTES)
    if (cursor.fault !== null) {
      this.#blocks--
      return null
    }
    if (Buffer.compare(sync, header.sync) !== 0) throw this.damage('it does not end with the sync marker of the file')
    this.#input.cursor = cursor.position
    const records = this.#decompressed(compressed)
    // So memory follows from the bytes that came: what says more records than that is a lie or a bomb.
    if (count > records.length) throw this.damage(`it has ${count} records in ${records.length} bytes`)
    return { count: Number(count), records }
  }

  /** The input ends here. @throws MSB_INPUT_TRUNCATED when something is open */
  end(): void {
    if (this.#header !== null && this.#input.unread === 0) return
    if (this.#header === null && this.#input.base + this.#input.end === 0) return
    const where = this.#header === null ? 'its header' : `block ${this.#blocks + 1}`
    throw new MysimbdpError('MSB_INPUT_TRUNCATED', `the Avro input ends in the middle of ${where}`)
  }

  /** An error about the block that was begun last. */
  damage(what: string, cause?: unknown): MysimbdpError {
    return new MysimbdpError('MSB_INPUT_UNREADABLE', `block ${this.#blocks} of the Avro input is damaged: ${what}`, {
      cause,
      hint: 'Fetch or write the file again. What follows the damage cannot be told apart for certain, so nothing of it is read.',
      where: { block: this.#blocks, byte: this.#blockStart },
    })
  }

  #cursor(): ByteCursor {
    const { bytes, cursor, end } = this.#input
    return new ByteCursor(bytes, cursor, end)
  }

  #decompressed(block: Uint8Array): Uint8Array {
    try {
      return this.#decompress(block)
    } catch (cause) {
      throw this.damage(`it cannot be decompressed: ${(cause as Error).message}`, cause)
    }
  }
}
