import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { DecodedBatch } from '../records/record-batch.ts'
import type { ByteInput } from './byte-input.ts'
import type { Decoder, FutureGuard, StreamDecoderOptions } from './decoder.ts'
import type { PendingRecords } from './pending-records.ts'
import { RecordIntake } from './record-intake.ts'
import { RAW_BYTES_MAX, RECORD_BYTES_MAX_DEFAULT } from './record-limits.ts'
import { envelopeFault } from './rejections.ts'

/** Finds records in the input and decodes them: what differs from format to format. */
export interface RecordReader {
  /** Reads the records that are complete now; `added` bytes are new since the last call. Leaves the cursor at the rest. */
  read(input: ByteInput, added: number): void
  /** The input ends where it is now; an unread byte is followed by a line feed. */
  end(input: ByteInput): void
  /** All that is unread is one record, line ends in it included. Only where records are lines. */
  readWhole?(input: ByteInput): void
  /** The unfinished line at the cursor was taken away as too large: forget it. Answers whether it was a record. */
  dropLine(): boolean
}

export interface ReaderOptions extends StreamDecoderOptions {
  readonly recordBytesMax: number
}

export type CreateReader = (options: ReaderOptions, pending: PendingRecords) => RecordReader

/** A longer chunk is worked through in pieces, which stay in the processor's cache from copying to decoding. */
const PIECE_BYTES = 256 * 1024
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const LINE_END = Uint8Array.of(LINE_FEED)

/** A line of which no more is kept, up to its end. */
interface OverlongLine {
  readonly kept: Uint8Array
  readonly isRecord: boolean
  lengthBytes: number
  lastByte: number
}

export class StreamDecoder implements Decoder {
  readonly #input: ByteInput
  readonly #pending: PendingRecords
  readonly #reader: RecordReader
  readonly #recordBytesMax: number
  #overlong: OverlongLine | null = null

  constructor(options: StreamDecoderOptions, createReader: CreateReader, intake = new RecordIntake(options)) {
    const { recordBytesMax = RECORD_BYTES_MAX_DEFAULT } = options
    invariant(recordBytesMax > 0 && recordBytesMax <= RAW_BYTES_MAX, `a record of ${recordBytesMax} bytes can be held`)
    this.#recordBytesMax = recordBytesMax
    this.#input = intake.input
    this.#pending = intake.pending
    this.#reader = createReader({ ...options, recordBytesMax }, this.#pending)
  }

  get pending(): number {
    return this.#pending.untaken
  }

  room(): Uint8Array {
    this.#pending.release()
    return this.#input.room(PIECE_BYTES, this.#pending.keepFrom)
  }

  write(chunk: Uint8Array): number {
    this.#pending.release()
    if (this.#input.isInRoom(chunk)) this.#feedFromRoom(chunk)
    else
      for (let start = 0; start < chunk.length; start += PIECE_BYTES)
        this.#feed(chunk.subarray(start, start + PIECE_BYTES))
    return this.pending
  }

  /** One record by itself, whatever bytes it has. No other one may be unfinished. */
  writeWhole(record: Uint8Array): void {
    this.#pending.release()
    invariant(this.#input.unread === 0 && this.#overlong === null, 'records end where another one begins')
    this.#input.append(record, this.#pending.keepFrom)
    this.#reader.readWhole!(this.#input)
  }

  end(): void {
    this.#pending.release()
    if (this.#overlong !== null) this.#finishOverlong()
    if (this.#input.unread > 0) this.#feed(LINE_END)
    this.#reader.end(this.#input)
  }

  take(recordsMax: number, guard: FutureGuard): DecodedBatch | undefined {
    return this.#pending.take(recordsMax, guard, this.#input)
  }

  resetDictionaries(): void {
    this.#pending.resetDictionaries()
  }

  #feedFromRoom(piece: Uint8Array): void {
    if (this.#overlong !== null) this.#feed(piece.slice())
    else {
      this.#input.grow(piece.length)
      this.#readAdded(piece.length)
    }
  }

  #feed(piece: Uint8Array): void {
    const rest = this.#overlong === null ? piece : this.#skipOverlong(this.#overlong, piece)
    if (rest.length === 0) return
    this.#input.append(rest, this.#pending.keepFrom)
    this.#readAdded(rest.length)
  }

  #readAdded(length: number): void {
    this.#reader.read(this.#input, length)
    if (this.#input.unread > RAW_BYTES_MAX) this.#beginOverlong()
  }

  #beginOverlong(): void {
    const { bytes, cursor, end, unread, base } = this.#input
    this.#overlong = {
      kept: this.#input.copy(base + cursor, RAW_BYTES_MAX),
      isRecord: this.#reader.dropLine(),
      lengthBytes: unread,
      lastByte: bytes[end - 1]!,
    }
    this.#input.truncateUnread(0)
  }

  /** Counts the bytes of the overlong line and returns what follows it. */
  #skipOverlong(line: OverlongLine, piece: Uint8Array): Uint8Array {
    const lineFeed = piece.indexOf(LINE_FEED)
    const length = lineFeed < 0 ? piece.length : lineFeed
    if (length > 0) line.lastByte = piece[length - 1]!
    line.lengthBytes += length
    if (lineFeed < 0) return piece.subarray(piece.length)
    this.#finishOverlong()
    return piece.subarray(lineFeed + 1)
  }

  #finishOverlong(): void {
    const { kept, isRecord, lengthBytes, lastByte } = this.#overlong!
    this.#overlong = null
    if (!isRecord) return
    const length = lastByte === CARRIAGE_RETURN ? lengthBytes - 1 : lengthBytes
    this.#pending.reject(envelopeFault(kept, length, this.#recordBytesMax)!, kept, length)
  }
}
