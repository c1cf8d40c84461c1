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
   * The content from its beginning, in pieces of at most 1 MiB, each valid until the next one is asked for.
   * @throws MSB_INPUT_NOT_FOUND, MSB_INPUT_UNREADABLE, MSB_INPUT_TRUNCATED
   */
  chunks(): AsyncIterable<Uint8Array>
}

/** NDJSON, CSV, or an Avro object container. */
export type SourceFormat = 'json' | 'csv' | 'avro'
