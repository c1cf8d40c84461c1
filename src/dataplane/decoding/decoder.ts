import type { CsvFormat } from '#language/schemas/csv-format.ts'
import type { Schema } from '#language/schemas/schema.ts'
import type { DecodedBatch } from '../records/record-batch.ts'
import { AvroDecoder } from './avro/avro-decoder.ts'
import { createCsvReader } from './csv/csv-reader.ts'
import { createJsonReader } from './json/json-reader.ts'
import type { MessageDecoder, WriterSchemas } from './message-decoder.ts'
import type { FutureRecords } from './pending-records.ts'
import { StreamDecoder } from './stream-decoder.ts'
import { TopicDecoder } from './topic-decoder.ts'

/** What a reader of batches does without. */
export interface DecodingOptions {
  /** Names of the fields that are needed; batches have these alone, and the event time. The others are checked all the same. All by default. */
  readonly fieldsKept?: ReadonlySet<string>
  /** 'unwatched' when `take` will never be given a skew: then the bytes of pending records are not kept. */
  readonly futureRecords?: FutureRecords
}

export interface StreamDecoderOptions extends DecodingOptions {
  readonly schema: Schema
  /** The timestamp field that is the event time; it is never null, whatever the schema says. */
  readonly eventTime: string
  /** IANA zone of times that are written without an offset. */
  readonly timeZone: string
  /** CSV only: forms of file that do not use the schema's field names. */
  readonly csvFormats?: readonly CsvFormat[]
  /** Longest record that is decoded, without its line end; 1 MiB by default, at most 16 MiB. */
  readonly recordBytesMax?: number
}

/** What `take` rejects as coming from the future; `maxFutureSkewMs` null: nothing. */
export interface FutureGuard {
  readonly arrivalMs: number
  readonly maxFutureSkewMs: number | null
}

/**
 * Turns the bytes of one input into columnar batches. It holds the bytes of pending records and of the unfinished one,
 * so memory is bounded for a caller that takes after each write. Chunks may be reused by the caller after `write`.
 */
export interface Decoder {
  /** Decodes the records that are complete now and keeps the unfinished tail. Returns how many records are pending. */
  write(chunk: Uint8Array): number
  /** Memory that the next piece of the input may be put into, from its beginning on: to write that piece then copies nothing. */
  room(): Uint8Array
  /** No more input: the tail is a record too. What is written to a JSON decoder afterwards is another input. */
  end(): void
  /** Received records, accepted and rejected, that were not taken yet. */
  readonly pending: number
  /**
   * At most `recordsMax` pending records, in order; undefined when there is none. The batch is lent: its arrays are those that the
   * decoder goes on to write to, valid until the next call of any method. Who needs it longer copies it.
   */
  take(recordsMax: number, guard: FutureGuard): DecodedBatch | undefined
  /** Batches taken from now on use new dictionaries. */
  resetDictionaries(): void
}

/**
 * NDJSON, one object a line.
 * @throws MSB_INTERNAL when the event time is no timestamp of the schema; MSB_QUERY_INVALID for an unknown zone
 */
export const createJsonDecoder = (options: StreamDecoderOptions): Decoder =>
  new StreamDecoder(options, createJsonReader)

/**
 * Messages of a topic: each is one JSON object, or one Avro record with the id of its schema in front, or was found wrong before.
 * @throws MSB_INTERNAL when the event time is no timestamp of the schema; MSB_QUERY_INVALID for an unknown zone
 */
export const createMessageDecoder = (options: StreamDecoderOptions, schemas: WriterSchemas): MessageDecoder =>
  new TopicDecoder(options, schemas)

/**
 * CSV whose first row is the header.
 * @throws MSB_INTERNAL when the event time is no timestamp of the schema; MSB_QUERY_INVALID for an unknown zone
 */
export const createCsvDecoder = (options: StreamDecoderOptions): Decoder => new StreamDecoder(options, createCsvReader)

/**
 * Avro object containers.
 * @throws MSB_INTERNAL when the event time is no timestamp of the schema; MSB_QUERY_INVALID for an unknown zone
 */
export const createAvroDecoder = (options: StreamDecoderOptions): Decoder => new AvroDecoder(options)
