import { WireDecoder } from '../avro/wire-decoder.ts'
import type { FutureGuard, StreamDecoderOptions } from '../decoder.ts'
import { RecordIntake } from '../record-intake.ts'

/** A decoder of records on the wire alone, with what takes them. */
export function wireDecoder(options: StreamDecoderOptions) {
  const intake = new RecordIntake(options)
  const decoder = new WireDecoder(options, intake)
  return {
    learn: (id: number, schema: string) => decoder.learn(id, schema),
    write: (record: Uint8Array) => decoder.write(record),
    take: (recordsMax: number, guard: FutureGuard) => intake.take(recordsMax, guard),
  }
}
