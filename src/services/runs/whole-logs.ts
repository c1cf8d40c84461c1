import type { StreamLog } from '#dataplane/brokers/broker.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { InputReport } from './ingest.ts'

/**
 * A finished run's logs hold all that it read: an emptied or older log must neither pass as the one its results came from nor be
 * what they are rebuilt from.
 * @throws MSB_LOG_DAMAGED
 */
export async function requireWholeLogs(
  inputs: Readonly<Record<string, InputReport>>,
  logs: ReadonlyMap<string, StreamLog>,
): Promise<void> {
  for (const [stream, log] of logs) {
    const { end } = await log.bounds(0)
    const read = inputs[stream]?.read ?? 0
    if (end < read)
      throw new MysimbdpError(
        'MSB_LOG_DAMAGED',
        `the log of '${log.spec.topic}' holds ${end} records, and the run had read ${read}`,
        { where: { topic: log.spec.topic, offset: end } },
      )
  }
}
