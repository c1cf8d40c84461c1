import type { Rejection } from './record-batch.ts'

/** How the bytes of a rejected record are to be read, as JSON; bytes in base64. */
export type FormatDocument =
  | { readonly kind: 'json' }
  | { readonly kind: 'csv'; readonly header: string }
  | { readonly kind: 'avro'; readonly schema: string }

/** A rejected record as JSON, in the partition of a dead-letter topic that is that of the record. Whoever reads a stream writes them. */
export interface RejectedDocument {
  readonly kind: 'rejected'
  readonly offset: number
  readonly arrivalMs: number
  readonly rejection: Rejection
  /** Base64; of a very large record its beginning. */
  readonly raw: string
  /** Of the whole record, in bytes. */
  readonly rawLength: number
  readonly format: FormatDocument
}

/** A header in front of a record that was rejected before it came onto its topic, and whose bytes alone do not say why. Its value is a `RefusalDocument`. */
export const REFUSAL_HEADER = 'mysimbdp.rejected'

export type RefusalDocument = Pick<RejectedDocument, 'rejection' | 'format' | 'rawLength'>
