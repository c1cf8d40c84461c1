import type { DeadLetter } from '#dataplane/brokers/broker.ts'
import type { Decoder, FutureGuard } from '#dataplane/decoding/decoder.ts'
import { concatBatches } from '#dataplane/records/concat-batches.ts'
import { gatherRows } from '#dataplane/records/gather-column.ts'
import type { RecordBatch, Rejection } from '#dataplane/records/record-batch.ts'
import type { RawRecord } from './field-renames.ts'

/** A dead letter with the bytes it is to be decoded from now. */
export interface Candidate extends RawRecord {
  readonly letter: DeadLetter
}

export interface Repaired {
  /** Offsets of those that are right now, ascending, and one row for each; null when there is none. */
  readonly letters: readonly number[]
  readonly batch: RecordBatch | null
  readonly rejected: readonly { readonly offset: number; readonly rejection: Rejection }[]
}

const LINE_FEED = Uint8Array.of(10)

/** Decodes dead letters once more, each as a record of its own: one that is wrong takes no other with it. */
export class RepairDecoder {
  readonly #createDecoder: (format: 'json' | 'csv') => Decoder
  readonly #guardOf: (letter: DeadLetter) => FutureGuard
  #json: Decoder | null = null

  constructor(createDecoder: (format: 'json' | 'csv') => Decoder, guardOf: (letter: DeadLetter) => FutureGuard) {
    this.#createDecoder = createDecoder
    this.#guardOf = guardOf
  }

  decode(candidates: readonly Candidate[]): Repaired {
    const letters: number[] = []
    const batches: RecordBatch[] = []
    const rejected: { offset: number; rejection: Rejection }[] = []
    for (const candidate of candidates) {
      const { offset } = candidate.letter
      const fault = envelopeFault(candidate)
      const result = fault === null ? this.#decodeOne(candidate) : { rejection: fault }
      if ('rejection' in result) rejected.push({ offset, rejection: result.rejection })
      else {
        letters.push(offset)
        batches.push(result.batch)
      }
    }
    return { letters, batch: batches.length === 0 ? null : concatBatches(batches), rejected }
  }

  #decodeOne(candidate: Candidate): { readonly batch: RecordBatch } | { readonly rejection: Rejection } {
    const decoder =
      candidate.format.kind === 'csv'
        ? this.#csvDecoder(candidate.format.header)
        : (this.#json ??= this.#createDecoder('json'))
    decoder.write(candidate.raw)
    decoder.write(LINE_FEED)
    // A CSV decoder is used once, so what is still open in a row ends here and not in the next one.
    if (candidate.format.kind === 'csv') decoder.end()
    const decoded = decoder.take(1, this.#guardOf(candidate.letter))
    if (decoded === undefined) return { rejection: oneRecord('nothing') }
    if (decoder.pending > 0) return { rejection: oneRecord('several records') }
    const [fault] = decoded.rejected
    return fault === undefined
      ? { batch: gatherRows(decoded.batch, Uint32Array.of(0)) }
      : { rejection: fault.rejection }
  }

  #csvDecoder(header: Uint8Array): Decoder {
    const decoder = this.#createDecoder('csv')
    decoder.write(header)
    decoder.write(LINE_FEED)
    return decoder
  }
}

/** What a decoder would not take as one record. */
function envelopeFault({ raw, format, letter }: Candidate): Rejection | null {
  const untouched = raw === letter.raw || raw.length === letter.raw.length
  if (untouched && letter.raw.length < letter.rawLength) return letter.rejection
  if (raw.length === 0) return oneRecord('nothing')
  if (format.kind === 'csv') return format.header.length === 0 ? letter.rejection : null
  const text = Buffer.from(raw)
  return text.includes(10) ? oneRecord('several lines') : null
}

const oneRecord = (found: string): Rejection => ({
  code: 'malformed',
  field: null,
  expected: 'one record on one line',
  found,
})
