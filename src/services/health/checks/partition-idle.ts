import type { AppCheck } from '../check.ts'
import { arrivalMs } from '../facts.ts'
import { spanText } from '../wording.ts'

/** One partition gets nothing while others do: it holds the minimum watermark, so it keeps every window open. */
export const partitionIdle: AppCheck = {
  code: 'partition_idle',
  find: ({ streams, thresholds, nowMs }) =>
    streams.flatMap(({ stream, figures, idleTimeoutMs }) => {
      if (figures === null || idleTimeoutMs !== null) return []
      const isIdle = (partition: (typeof figures.partitions)[number]): boolean =>
        nowMs - arrivalMs(figures, partition) >= thresholds.partitionIdleMs
      const idle = figures.partitions.filter(isIdle)
      if (idle.length === figures.partitions.length) return []
      return idle.map((partition) => ({
        subject: `${stream}/${partition.partition}`,
        sentence:
          `partition ${partition.partition} of stream '${stream}' has received nothing for ${spanText(nowMs - arrivalMs(figures, partition))} while others have, ` +
          'and no window closes before its watermark moves',
        action: `Look whether its source still sends. If partitions pause by nature, idleTimeout on stream '${stream}' lets the others go on.`,
      }))
    }),
}
