import type { RawFormat, Rejection } from '../records/record-batch.ts'
import type { Decoder } from './decoder.ts'

/** Where the schemas are known that writers put in front of their records by id: a registry. */
export interface WriterSchemas {
  /** JSON of the schema; undefined where there is none with this id. @throws while that cannot be known */
  byId(id: number): Promise<string | undefined>
}

/** What was found wrong in a record before it came onto its topic, so that it is not found out anew from bytes that do not say it. */
export interface Refusal {
  readonly rejection: Rejection
  readonly format: RawFormat
  /** The bytes the record had; the message may hold fewer. */
  readonly rawLength: number
}

export interface Message {
  /** They may be reused once it was written. */
  readonly bytes: Uint8Array
  /** Its value lies in `bytes` from here to `end`; -1 for a message without a value, which is rejected. */
  readonly start: number
  readonly end: number
  readonly refusal?: Refusal
}

/** Its value, as a part of its bytes; of a message without one, no bytes. */
export const valueOfMessage = ({ bytes, start, end }: Message): Uint8Array =>
  start < 0 ? NOTHING : bytes.subarray(start, end)

const NOTHING: Uint8Array = new Uint8Array(0)

/** Like a decoder, for an input in which somebody else has cut the records: each message is one of them. */
export interface MessageDecoder extends Pick<Decoder, 'pending' | 'take' | 'resetDictionaries'> {
  /**
   * Asks for what must be known before these messages are written. A message whose schema does not exist is rejected when it is written.
   * @throws what asking for a schema throws; nothing was written then, and the same call may be made again
   */
  learnSchemas(messages: readonly Message[]): Promise<void>
  write(messages: readonly Message[]): void
}
