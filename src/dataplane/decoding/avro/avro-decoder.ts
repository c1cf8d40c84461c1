import { invariant, MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { AvroRecord } from '#language/schemas/avro/avro-type.ts'
import { parseAvroSchema } from '#language/schemas/avro/parse-avro-schema.ts'
import type { DecodedBatch } from '../../records/record-batch.ts'
import { ByteInput } from '../byte-input.ts'
import type { Decoder, FutureGuard, StreamDecoderOptions } from '../decoder.ts'
import { PendingRecords } from '../pending-records.ts'
import { RAW_BYTES_MAX, RECORD_BYTES_MAX_DEFAULT } from '../record-limits.ts'
import { ByteCursor } from './byte-cursor.ts'
import { readAvroCarefully } from './careful-avro.ts'
import { type AvroBlock, ContainerReader } from './container-reader.ts'
import { compileRecordDecoder, type RecordDecoder } from './record-decoder.ts'
import { type RecordResolution, resolveRecord } from './resolve-record.ts'

/** What may come in one piece. */
const PIECE_BYTES = 256 * 1024

/** How the records of the input are read, once its header is known. */
interface Reading {
  readonly resolution: RecordResolution
  /** Null where no record can be right. */
  readonly quick: RecordDecoder | null
}

/**
 * Avro object containers (semantics 1.10). What cannot be read ends the input: `write` and `end` throw MSB_INPUT_UNREADABLE or
 * MSB_INPUT_TRUNCATED, and do so again from then on. Records before the damage stay pending.
 */
export class AvroDecoder implements Decoder {
  readonly #timeZone: string
  readonly #recordBytesMax: number
  readonly #container = new ContainerReader()
  /** The decompressed records that are pending or not read yet. */
  readonly #input = new ByteInput()
  readonly #pending: PendingRecords
  #reading: Reading | null = null
  #failure: MysimbdpError | null = null

  constructor(options: StreamDecoderOptions) {
    const { timeZone, recordBytesMax = RECORD_BYTES_MAX_DEFAULT } = options
    invariant(recordBytesMax > 0 && recordBytesMax <= RAW_BYTES_MAX, `a record of ${recordBytesMax} bytes can be held`)
    this.#timeZone = timeZone
    this.#recordBytesMax = recordBytesMax
    this.#pending = new PendingRecords(options)
  }

  get pending(): number {
    return this.#pending.untaken
  }

  write(chunk: Uint8Array): number {
    this.#pending.release()
    this.#container.append(chunk)
    this.#orFail(() => {
      for (let block = this.#nextBlock(); block !== null; block = this.#nextBlock()) this.#readBlock(block)
    })
    return this.pending
  }

  room(): Uint8Array {
    this.#pending.release()
    return this.#container.room(PIECE_BYTES)
  }

  end(): void {
    this.#pending.release()
    this.#orFail(() => this.#container.end())
  }

  take(recordsMax: number, guard: FutureGuard): DecodedBatch | undefined {
    return this.#pending.take(recordsMax, guard, this.#input)
  }

  resetDictionaries(): void {
    this.#pending.resetDictionaries()
  }

  /** What failed once fails for good: nothing behind it may be taken for a record. */
  #orFail(work: () => void): void {
    if (this.#failure !== null) throw this.#failure
    try {
      work()
    } catch (error) {
      this.#failure = error as MysimbdpError
      throw error
    }
  }

  #nextBlock(): AvroBlock | null {
    if (this.#reading === null) this.#begin()
    return this.#reading === null ? null : this.#container.next()
  }

  #begin(): void {
    const header = this.#container.header()
    if (header === null) return
    const { fields } = this.#pending
    const resolution = resolveRecord(writerSchema(header.schema), fields)
    const mayBeRight = resolution.fault === null && resolution.absent.every((index) => fields[index]!.nullable)
    const quick = mayBeRight ? compileRecordDecoder(resolution, fields, this.#timeZone, this.#recordBytesMax) : null
    this.#pending.format = { kind: 'avro', schema: header.schema }
    this.#reading = { resolution, quick }
  }

  #readBlock({ count, records }: AvroBlock): void {
    const input = this.#input
    input.append(records, this.#pending.keepFrom)
    let left = count
    while (left > 0) {
      left -= this.#readQuickly(left)
      // With room for another row it stopped at a record that needs care.
      if (left > 0 && this.#pending.rows < this.#pending.capacity) {
        this.#readCarefully(count - left)
        left--
      }
    }
    if (input.unread > 0) throw this.#container.damage(`${input.unread} bytes follow its last record`)
  }

  /** Reads records until one needs care, and says how many. */
  #readQuickly(count: number): number {
    const { quick } = this.#reading!
    const before = this.#pending.received
    this.#pending.nextRow()
    if (quick === null) return 0
    const { bytes, view, cursor, end, base } = this.#input
    this.#input.cursor = quick(bytes, view, cursor, end, base, count, this.#pending)
    return this.#pending.received - before
  }

  /** @param place of the record in its block, from 0 */
  #readCarefully(place: number): void {
    const { bytes, cursor: start, end, base } = this.#input
    const cursor = new ByteCursor(bytes, start, end)
    const options = { timeZone: this.#timeZone, recordBytesMax: this.#recordBytesMax }
    const result = readAvroCarefully(cursor, this.#reading!.resolution, this.#pending.fields, options)
    if (cursor.fault !== null) throw this.#container.damage(`its record ${place + 1} has not the form of the schema`)
    this.#pending.receive(result, bytes.subarray(start, cursor.position), base + start)
    this.#input.cursor = cursor.position
  }
}

function writerSchema(schema: Uint8Array): AvroRecord {
  try {
    return parseAvroSchema(Buffer.from(schema).toString())
  } catch (cause) {
    if (!(cause instanceof MysimbdpError)) throw cause
    throw new MysimbdpError('MSB_INPUT_UNREADABLE', `in the header of the input, ${cause.message}`, { cause })
  }
}
