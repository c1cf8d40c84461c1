import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { columnReader } from '#dataplane/records/column-reader.ts'
import type { SourceNode } from '#language/plan/plan.ts'
import type { Value } from '#language/schemas/field-types.ts'
import type { ScenarioStep } from './scenario.ts'

export interface AcceptedRecord {
  readonly partition: number
  readonly offset: number
  readonly values: Record<string, Value>
}

/** The accepted records of a stream, as the product's decoder sees them, in the places the log would give them. */
export function acceptedRecords(
  source: SourceNode,
  steps: readonly ScenarioStep[],
  guarded: boolean,
): readonly AcceptedRecord[] {
  const offsets = new Map<number, number>()
  const accepted: AcceptedRecord[] = []
  const decoder = createJsonDecoder(source)
  for (const { partition, arrival, bytes } of steps.flatMap(({ records }) => records)) {
    decoder.write(bytes)
    decoder.write(new Uint8Array([0x0a]))
    const decoded = decoder.take(1, { arrivalMs: arrival, maxFutureSkewMs: guarded ? source.maxFutureSkewMs : null })
    if (decoded === undefined) continue
    const offset = offsets.get(partition) ?? 0
    offsets.set(partition, offset + 1)
    if (decoded.batch.rows === 0) continue
    const values = source.schema.fields.map(
      ({ name, type }, i) => [name, columnReader(decoded.batch.columns[i]!, type)(0)] as const,
    )
    accepted.push({ partition, offset, values: Object.fromEntries(values) })
  }
  return accepted
}
