import { requireSupport } from '#language/plan/unsupported-parts.ts'
import type { App } from '#language/query/app.ts'
import { openLogs } from './bounded-run.ts'
import type { Platform } from './platform.ts'
import { planHash, RunFolder } from './run-folder.ts'
import { requireWholeLogs } from './whole-logs.ts'

interface RebuildSpec {
  readonly app: App
  readonly folder: string
  readonly queries: readonly string[] | 'all'
  readonly platform: Platform
}

/**
 * Computes queries of a bounded run anew from its log, with the lateness the run had. The other queries keep what they have.
 * @throws MSB_DATA_FOLDER_NOT_FOUND; MSB_LOG_DAMAGED when the log lacks what the run had read; MSB_STATE_FINGERPRINT when a query that is not rebuilt has changed
 */
export async function rebuildRun({
  app,
  folder,
  queries,
  platform,
}: RebuildSpec): Promise<{ readonly records: number }> {
  const run = new RunFolder(folder)
  const { identity, finished: read, rebuilding } = run.require(app.plan.name)
  const broker = platform.openBroker(folder)
  try {
    const streams = await openLogs(app.plan, broker)
    await requireWholeLogs(read ?? rebuilding ?? {}, streams)
    const engine = platform.openEngine(folder)
    requireSupport(app.plan, engine.capabilities)
    if (queries === 'all') {
      // Nothing of the state is needed then, and it may be damaged. First of all it must not look finished any more.
      run.beginRebuild(app.plan.name, planHash(app.plan))
      platform.discardState(folder)
    }
    const job = await engine.openJob({ plan: app.plan, streams, lateness: identity.lateness, rebuild: queries })
    try {
      const finished = run.beginRebuild(app.plan.name, planHash(app.plan))
      while (await job.step());
      if (finished !== null) await job.finish()
    } finally {
      await job.close()
    }
    run.endRebuild()
    let records = 0
    for (const log of streams.values()) records += (await log.bounds(0)).end
    return { records }
  } finally {
    await broker.close()
  }
}
