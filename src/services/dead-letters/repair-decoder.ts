import type { DeadLetter } from '#dataplane/brokers/broker.ts'
import { blockOf, containerStart } from '#dataplane/decoding/avro/container-header.ts'
import type { Decoder, FutureGuard } from '#dataplane/decoding/decoder.ts'
import { concatBatches } from '#dataplane/records/concat-batches.ts'
import { gatherRows } from '#dataplane/records/gather-column.ts'
import type { RawFormat, RecordBatch, Rejection } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
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
  readonly #createDecoder: (format: RawFormat['kind']) => Decoder
  readonly #guardOf: (letter: DeadLetter) => FutureGuard
  #json: Decoder | null = null
  /** The decoder of the writer that came last: neighbours mostly have the same. */
  #avro: { readonly schema: Uint8Array; readonly decoder: Decoder } | null = null

  constructor(createDecoder: (format: RawFormat['kind']) => Decoder, guardOf: (letter: DeadLetter) => FutureGuard) {
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
    const decoder = this.#write(candidate)
    if (decoder === null) return { rejection: notOfSchema }
    const decoded = decoder.take(1, this.#guardOf(candidate.letter))
    if (decoded === undefined) return { rejection: oneRecord('nothing') }
    if (decoder.pending > 0) return { rejection: oneRecord('several records') }
    const [fault] = decoded.rejected
    return fault === undefined
      ? { batch: gatherRows(decoded.batch, Uint32Array.of(0)) }
      : { rejection: fault.rejection }
  }

  /** The decoder that has the record now; null when its bytes have not the form of their schema. */
  #write({ raw, format }: Candidate): Decoder | null {
    if (format.kind === 'avro') return this.#writeAvro(raw, format.schema)
    const decoder =
      format.kind === 'csv' ? this.#csvDecoder(format.header) : (this.#json ??= this.#createDecoder('json'))
    decoder.write(raw)
    decoder.write(LINE_FEED)
    // A CSV decoder is used once, so what is still open in a row ends here and not in the next one.
    if (format.kind === 'csv') decoder.end()
    return decoder
  }

  #writeAvro(raw: Uint8Array, schema: Uint8Array): Decoder | null {
    try {
      if (this.#avro === null || Buffer.compare(this.#avro.schema, schema) !== 0) {
        this.#avro = { schema, decoder: this.#createDecoder('avro') }
        this.#avro.decoder.write(containerStart(schema))
      }
      this.#avro.decoder.write(blockOf(raw))
      return this.#avro.decoder
    } catch (error) {
      this.#avro = null
      if (error instanceof MysimbdpError && error.code === 'MSB_INPUT_UNREADABLE') return null
      throw error
    }
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
  if (format.kind === 'avro') return null
  return Buffer.from(raw).includes(10) ? oneRecord('several lines') : null
}

const oneRecord = (found: string): Rejection => ({
  code: 'malformed',
  field: null,
  expected: 'one record on one line',
  found,
})

const notOfSchema: Rejection = {
  code: 'malformed',
  field: null,
  expected: 'an Avro record that fits its schema and the stream',
  found: null,
}
