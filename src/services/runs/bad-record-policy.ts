import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { BadRecordPolicy } from '#language/plan/plan.ts'

interface BatchPlace {
  readonly stream: string
  readonly partition: number
  /** Offset of the batch's first record. */
  readonly firstOffset: number
}

/**
 * What a stream wants done with its bad records (semantics 1.8): keep them as dead letters, count them only, or stop.
 * @throws MSB_RECORD_REJECTED when it wants to stop
 */
export function applyBadRecordPolicy(
  decoded: DecodedBatch,
  policy: BadRecordPolicy,
  { stream, partition, firstOffset }: BatchPlace,
): DecodedBatch {
  const [first] = decoded.rejected
  if (first === undefined || policy === 'dead-letter') return decoded
  if (policy === 'skip') return { ...decoded, rejected: [] }
  const { code, field, expected, found } = first.rejection
  const offset = firstOffset + first.position
  const details = [
    field === null ? null : `field '${field}'`,
    expected === null ? null : `expected ${expected}`,
    found === null ? null : `found ${found}`,
  ]
  throw new MysimbdpError(
    'MSB_RECORD_REJECTED',
    `record ${offset} of stream '${stream}' was rejected: ${[code, ...details.filter((detail) => detail !== null)].join(', ')}`,
    {
      where: { stream, partition, offset, reason: code },
    },
  )
}
