import { invariant, MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { parseAvroSchema } from '#language/schemas/avro/parse-avro-schema.ts'
import type { RawFormat, Rejection } from '../../records/record-batch.ts'
import { schemaIdOf, WIRE_HEADER_BYTES } from '../../records/wire-header.ts'
import type { ByteInput } from '../byte-input.ts'
import type { StreamDecoderOptions } from '../decoder.ts'
import type { PendingRecords } from '../pending-records.ts'
import type { RecordIntake } from '../record-intake.ts'
import { RAW_BYTES_MAX, RECORD_BYTES_MAX_DEFAULT } from '../record-limits.ts'
import { malformed, tooLarge, unknownSchema, unreadableWriter } from '../rejections.ts'
import { ByteCursor } from './byte-cursor.ts'
import { readAvroCarefully } from './careful-avro.ts'
import { compileRecordDecoder, type RecordDecoder } from './record-decoder.ts'
import { type RecordResolution, resolveRecord, unreadableField } from './resolve-record.ts'

/** How records of one writer are read; or why none of them can be. */
type Writer =
  | {
      readonly format: RawFormat
      readonly resolution: RecordResolution
      /** Null where no record can be right. */
      readonly quick: RecordDecoder | null
    }
  | { readonly rejection: Rejection }

/**
 * Avro records with the id of their schema in front, one by one (semantics 1.11). Each has bounds of its own, so that one which is damaged is
 * rejected and the next one read. Its owner learns the schemas of ids: before a record is written whose id is not known,
 * `learn` must have been called for it.
 */
export class WireDecoder {
  readonly #options: StreamDecoderOptions
  readonly #recordBytesMax: number
  readonly #intake: RecordIntake
  readonly #input: ByteInput
  readonly #pending: PendingRecords
  readonly #writers = new Map<number, Writer>()

  constructor(options: StreamDecoderOptions, intake: RecordIntake) {
    const { recordBytesMax = RECORD_BYTES_MAX_DEFAULT } = options
    invariant(recordBytesMax > 0 && recordBytesMax <= RAW_BYTES_MAX, `a record of ${recordBytesMax} bytes can be held`)
    this.#options = options
    this.#recordBytesMax = recordBytesMax
    this.#intake = intake
    this.#input = intake.input
    this.#pending = intake.pending
  }

  /** Whether the schema of this id was learnt. */
  knows(id: number): boolean {
    return this.#writers.has(id)
  }

  /** @param schema JSON of the schema with this id */
  learn(id: number, schema: string): void {
    this.#writers.set(id, this.#writerOf(schema))
  }

  /**
   * Decodes one whole record, its header included. An id that was not learnt is one that the registry does not have: the record is rejected,
   * and the next one with this id may be learnt still.
   */
  write(record: Uint8Array): void {
    this.#pending.release()
    const id = schemaIdOf(record)
    const writer = id === null ? undefined : this.#writers.get(id)
    if (writer !== undefined && !('rejection' in writer)) this.#read(record.subarray(WIRE_HEADER_BYTES), writer)
    else {
      this.#intake.begin(WITHOUT_SCHEMA)
      const rejection = id === null ? withoutHeader(record) : (writer?.rejection ?? unknownSchema(id))
      this.#reject(rejection, record)
    }
  }

  #writerOf(schema: string): Writer {
    const { fields } = this.#pending
    try {
      const record = parseAvroSchema(schema)
      const unreadable = unreadableField(record, fields)
      if (unreadable !== undefined) return { rejection: unreadableWriter(unreadable.field, unreadable.written) }
      const resolution = resolveRecord(record, fields)
      const mayBeRight = resolution.fault === null && resolution.absent.every((index) => fields[index]!.nullable)
      const quick = mayBeRight
        ? compileRecordDecoder(resolution, fields, this.#options.timeZone, this.#recordBytesMax)
        : null
      return { format: { kind: 'avro', schema: new Uint8Array(Buffer.from(schema)) }, resolution, quick }
    } catch (error) {
      if (!(error instanceof MysimbdpError)) throw error
      return { rejection: malformed(error.message, 'the Avro schema of a record') }
    }
  }

  #read(body: Uint8Array, writer: Extract<Writer, { readonly format: RawFormat }>): void {
    const [input, pending] = [this.#input, this.#pending]
    this.#intake.begin(writer.format)
    if (body.length > this.#recordBytesMax) {
      this.#reject(tooLarge(body.length, this.#recordBytesMax), body)
      return
    }
    input.append(body, pending.keepFrom)
    if (this.#readQuickly(writer.quick)) return
    const start = input.cursor
    const cursor = new ByteCursor(input.bytes, start, input.end)
    const result = readAvroCarefully(cursor, writer.resolution, pending.fields, {
      timeZone: this.#options.timeZone,
      recordBytesMax: this.#recordBytesMax,
    })
    const fault = cursor.fault ?? (cursor.position === input.end ? null : 'longer')
    pending.receive(fault === null ? result : { rejection: formFault(fault) }, body, input.base + start)
    input.cursor = input.end
  }

  /** Whether the record was read, to its last byte. */
  #readQuickly(quick: RecordDecoder | null): boolean {
    if (quick === null) return false
    const pending = this.#pending
    pending.nextRow()
    const { bytes, view, cursor, end, base } = this.#input
    const rows = pending.rows
    const stop = quick(bytes, view, cursor, end, base, 1, pending)
    if (pending.rows === rows) return false
    if (stop === end) {
      this.#input.cursor = end
      return true
    }
    // Bytes follow what the schema describes: not taken after all.
    pending.rows--
    pending.received--
    return false
  }

  #reject(rejection: Rejection, record: Uint8Array): void {
    this.#pending.reject(rejection, record.slice(0, RAW_BYTES_MAX), record.length)
  }
}

const formFault = (fault: 'short' | 'damaged' | 'longer'): Rejection => {
  const found = {
    short: 'its bytes end too early',
    damaged: 'its bytes are none of that form',
    longer: 'bytes follow its last field',
  }[fault]
  return malformed(found, 'a record in the form of its Avro schema')
}

const FIRST_BYTES = 5

/** Bytes of which nothing is known are shown as they are. */
const WITHOUT_SCHEMA: RawFormat = { kind: 'json' }

const withoutHeader = (record: Uint8Array): Rejection =>
  malformed(
    `${record.length} bytes that begin with ${Buffer.from(record.subarray(0, FIRST_BYTES)).toString('hex') || 'nothing'}`,
    'a zero byte, the id of a schema in 4 bytes, and a record in Avro',
  )
