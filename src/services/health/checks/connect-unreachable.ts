import type { AppCheck } from '../check.ts'
import { failureText, spanText } from '../wording.ts'

/** Nobody can say how the connectors are. */
export const connectUnreachable: AppCheck = {
  code: 'connect_unreachable',
  find: ({ connectors, nowMs, thresholds }) => {
    const away = connectors.find(
      ({ unreachableSinceMs }) => unreachableSinceMs !== null && nowMs - unreachableSinceMs >= thresholds.silentMs,
    )
    if (away === undefined) return []
    const forMs = nowMs - away.unreachableSinceMs!
    return [
      {
        sentence: `Kafka Connect has not answered for ${spanText(forMs)}, so results may not reach the store: ${failureText(away.error)}`,
        action: 'Start Kafka Connect, or correct its address in the configuration; results wait on their topics.',
      },
    ]
  },
}
