import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { PartitionBounds, StreamReader } from '../../../brokers/broker.ts'
import type { LostBeginning, Position, StoredQuery } from '../state/job-store.ts'

/** Whether no record was placed in the log since the state was begun; otherwise it is made anew, and needs nobody to say so. */
export async function hasSeenRepairs({ positions }: StoredQuery, log: StreamReader): Promise<boolean> {
  for (const { partition, revision } of positions) if (revision !== (await log.bounds(partition)).revision) return false
  return true
}

/** What the log no longer holds as of now. `reachMs`: a lost record may be in a window that starts so long after it. */
export function lostBeginning(bounds: readonly PartitionBounds[], reachMs: number): LostBeginning {
  return {
    boundMs: Math.max(...bounds.map(({ maxEventTimeBeforeStart }) => maxEventTimeBeforeStart)) + reachMs,
    starts: bounds.map(({ start }) => start),
  }
}

/** Semantics 7.3 and 7.5: state must not have seen what the log does not hold, nor need what it holds no more. */
export function requireWithinLog(
  query: string,
  position: Position,
  { start, end, generations }: PartitionBounds,
): void {
  const index = generations.findIndex(({ id }) => id === position.generation)
  const seenEnd = index < 0 ? Number.NEGATIVE_INFINITY : (generations[index + 1]?.firstOffset ?? end)
  if (position.offset <= seenEnd && position.offset < start)
    throw new MysimbdpError(
      'MSB_LOG_OFFSET_OUT_OF_RANGE',
      `query '${query}' has read to offset ${position.offset}, and the log begins at ${start}: it has lost the records between`,
      { where: { query, partition: position.partition } },
    )
  if (position.offset <= seenEnd) return
  const why =
    index < 0
      ? 'it was made with a log that this one does not continue'
      : `it has read to offset ${position.offset}, and that part of the log ends at ${seenEnd}`
  throw new MysimbdpError(
    'MSB_STATE_AHEAD_OF_LOG',
    `the state of query '${query}' does not belong to this log: ${why}`,
    { where: { query, partition: position.partition } },
  )
}
