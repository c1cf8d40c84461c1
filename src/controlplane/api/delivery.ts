import { durationText } from '#foundation/time/duration.ts'
import type { Retention } from '#language/query/stream.ts'

/**
 * What a sender may rely on, as every answer says it. A producer's numbers are remembered as long as the stream keeps records: one that comes
 * back later begins anew, and what it sends again counts again.
 */
export function deliveryText({ timeMs }: Retention, { isNumbered }: { readonly isNumbered: boolean }): string {
  if (!isNumbered) return 'at-least-once: without a producer id, records that are sent again count again'
  return timeMs === null
    ? 'exactly-once'
    : `exactly-once; the sender is remembered for ${durationText(timeMs)} after its last record, as long as the stream keeps records`
}
