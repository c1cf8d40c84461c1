/** Where a stream's bytes come from. */
export interface Source {
  /** For messages and progress: a file name, `generated sample`. */
  readonly name: string
  readonly format: SourceFormat
  /** How much of it was read so far, 0 to 1. */
  readonly progress: number
  /** Identifies the content: the same identity gives the same bytes. May read all of it. */
  identity(): Promise<string>
  /**
   * Costs next to nothing: sources with the same stamp have the same content; another stamp, or none, says nothing.
   * @param nowMs epoch ms; what has changed just before may change again without another stamp, and has none
   */
  stamp(nowMs: number): string | null
  /**
   * The content from its beginning, in pieces of at most 1 MiB, each valid until the next one is asked for.
   * @param room memory for the next piece; a source that takes bytes as they are puts them there, at the beginning
   * @throws MSB_INPUT_NOT_FOUND, MSB_INPUT_UNREADABLE, MSB_INPUT_TRUNCATED
   */
  chunks(room?: () => Uint8Array): AsyncIterable<Uint8Array>
  /** The content as parts of about so many bytes, in order, that can be decoded apart; null where it can only be read from its beginning. */
  parts(bytes: number): readonly SourcePart[] | null
  /** Somebody has read a part: counts for `progress`. */
  partRead(part: SourcePart): void
}

/** The records of a file of lines whose first byte lies in [from, to). */
export interface SourcePart {
  readonly path: string
  readonly from: number
  readonly to: number
  /** Whether the file ends with it. */
  readonly last: boolean
}

/** NDJSON, CSV, or an Avro object container. */
export type SourceFormat = 'json' | 'csv' | 'avro'
