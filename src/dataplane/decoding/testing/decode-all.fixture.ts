import type { Value } from '#language/schemas/field-types.ts'
import { columnReader } from '../../records/column-reader.ts'
import { copyDecoded } from '../../records/copy-batch.ts'
import type { DecodedBatch, RecordBatch, Rejection } from '../../records/record-batch.ts'
import type { Decoder, FutureGuard } from '../decoder.ts'

/** Everything a decoder made of an input, batch boundaries forgotten. A row is `[place among the received records, ...values]`. */
export interface Decoded {
  readonly received: number
  readonly rows: readonly (readonly Value[])[]
  readonly rejected: readonly { readonly position: number; readonly rejection: Rejection; readonly raw: string }[]
  readonly ambiguousTimes: number
}

export const NO_GUARD: FutureGuard = { arrivalMs: 0, maxFutureSkewMs: null }

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export function valuesOf({ schema, columns, rows }: RecordBatch): Value[][] {
  const readers = columns.map((column, index) => columnReader(column, schema.fields[index]!.type))
  return Array.from({ length: rows }, (_, row) => readers.map((read) => read(row)))
}

export function summaryOf(batches: readonly DecodedBatch[]): Decoded {
  let base = 0
  const rows: Value[][] = []
  const rejected: { position: number; rejection: Rejection; raw: string }[] = []
  for (const { batch, received, rejected: records } of batches) {
    for (const [row, values] of valuesOf(batch).entries())
      rows.push([base + (batch.positions?.[row] ?? row), ...values])
    for (const { position, rejection, raw } of records)
      rejected.push({ position: base + position, rejection, raw: latin1(raw) })
    base += received
  }
  return {
    received: base,
    rows,
    rejected,
    ambiguousTimes: batches.reduce((sum, { ambiguousTimes }) => sum + ambiguousTimes, 0),
  }
}

/** Writes the input in chunks through one reused buffer, taking `recordsMax` records after each. */
export function decodeAll(
  decoder: Decoder,
  input: Uint8Array | string,
  chunkBytes = 1 << 20,
  recordsMax = 1000,
): Decoded {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  const chunk = new Uint8Array(chunkBytes)
  const batches: DecodedBatch[] = []
  const takeAll = (): void => {
    for (
      let batch = decoder.take(recordsMax, NO_GUARD);
      batch !== undefined;
      batch = decoder.take(recordsMax, NO_GUARD)
    )
      batches.push(copyDecoded(batch))
  }
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const length = Math.min(chunkBytes, bytes.length - start)
    chunk.set(bytes.subarray(start, start + length))
    decoder.write(chunk.subarray(0, length))
    takeAll()
  }
  decoder.end()
  takeAll()
  return summaryOf(batches)
}
