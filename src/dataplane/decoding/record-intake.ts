import type { DecodedBatch, RawFormat } from '../records/record-batch.ts'
import { ByteInput } from './byte-input.ts'
import type { FutureGuard } from './decoder.ts'
import { type PendingOptions, PendingRecords } from './pending-records.ts'

/**
 * What decoders share that take turns over one input: its bytes, the records that were not taken yet, and how each of these is to be read.
 * Their rows then share columns and dictionaries, in the order in which the records came.
 */
export class RecordIntake {
  readonly input = new ByteInput()
  readonly pending: PendingRecords
  /** Where in the input records of another format begin, for those that turn out to come from the future. */
  readonly #formats: { readonly from: number; readonly format: RawFormat }[] = []

  constructor(options: PendingOptions) {
    this.pending = new PendingRecords(options)
    const { pending } = this
    pending.formatAt = (start) => this.#formats.findLast(({ from }) => from <= start)?.format ?? pending.format
  }

  /** Records received from now on are of this format. */
  begin(format: RawFormat): void {
    const formats = this.#formats
    this.pending.format = format
    if (formats.at(-1)?.format !== format) formats.push({ from: this.input.base + this.input.cursor, format })
    while (formats.length > 1 && formats[1]!.from <= this.pending.keepFrom) formats.shift()
  }

  /** See `Decoder`. */
  take(recordsMax: number, guard: FutureGuard): DecodedBatch | undefined {
    return this.pending.take(recordsMax, guard, this.input)
  }
}
