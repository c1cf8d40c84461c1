import type { QueryRunner } from './query-runner.ts'

/** Up to where all of them have read a partition. */
export const leastOffset = (runners: readonly QueryRunner[], partition: number): number =>
  Math.min(...runners.map(({ positions }) => positions[partition]!.offset))

/** The partition furthest behind in event time first, so that the one that holds windows open catches up. */
export function partitionsByProgress(runners: readonly QueryRunner[], partitions: number): readonly number[] {
  const progress = (partition: number): number =>
    Math.min(...runners.map(({ positions }) => positions[partition]!.maxEventTime))
  return Array.from({ length: partitions }, (_, partition) => partition).sort(
    (a, b) => progress(a) - progress(b) || a - b,
  )
}
