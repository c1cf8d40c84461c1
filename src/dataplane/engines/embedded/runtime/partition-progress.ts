import type { QueryRunner } from './query-runner.ts'

/** Up to where all of them have read a partition. */
export const leastOffset = (runners: readonly QueryRunner[], partition: number): number =>
  Math.min(...runners.map(({ positions }) => positions[partition]!.offset))

/** Up to where any of them has read a partition. */
export const greatestOffset = (runners: readonly QueryRunner[], partition: number): number =>
  Math.max(...runners.map(({ positions }) => positions[partition]!.offset))

/** The partition that has come least far in event time, of those that have not ended; null when all have. */
export function furthestBehind(
  runners: readonly QueryRunner[],
  partitions: number,
  ended: ReadonlySet<number>,
): number | null {
  let [least, leastProgress] = [null as number | null, Number.POSITIVE_INFINITY]
  for (let partition = 0; partition < partitions; partition++) {
    if (ended.has(partition)) continue
    const progress = Math.min(...runners.map(({ positions }) => positions[partition]!.maxEventTime))
    if (least !== null && progress >= leastProgress) continue
    least = partition
    leastProgress = progress
  }
  return least
}
