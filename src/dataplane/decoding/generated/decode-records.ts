import type { PendingRecords } from '../pending-records.ts'

/**
 * A generated decoder: reads records into `pending`, from `start` on. Returns where the first record begins that it leaves to another
 * tier, `end`, or where it stopped because there is no room for another row. `base` is the place of `bytes[0]` in the whole input. The
 * bytes are valid UTF-8 and `end` follows a line feed.
 */
export type DecodeRecords = (
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  base: number,
  pending: PendingRecords,
) => number
