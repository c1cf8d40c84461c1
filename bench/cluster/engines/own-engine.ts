import { resultTopicOf } from '#language/plan/topic-names.ts'
import { appToJson } from '#services/apps/app-document.ts'
import { PlatformProcess } from '../../../test/support/platform-process.ts'
import { resultRow } from '../../jobs/job-rows.ts'
import { tripApp } from '../../workload/trip-apps.ts'
import { fourQueries } from '../../workload/trip-queries.ts'
import { COUNTING_QUERY, type ResultTopic } from '../result-topics.ts'
import type { Engine, EngineTask, RunningEngine } from './engine.ts'

let started = 0

/** The platform with one app, `mysimbdp start --config`; its results are served from a keyspace of Cassandra, or stay in topics. */
export async function startPlatform(
  { bench, app, partitions }: Pick<EngineTask, 'bench' | 'app' | 'partitions'>,
  keyspace: string | null,
  engine: 'embedded' | 'spark' = 'embedded',
): Promise<PlatformProcess> {
  const args = ['--config', bench.configurationFile(partitions, keyspace, engine)]
  const platform = await PlatformProcess.start(bench.run.scratchPath(`platform-${++started}`), [], { args })
  try {
    await deployFourQueries(platform, app)
    return platform
  } catch (error) {
    await platform.kill()
    throw error
  }
}

/** @throws Error with the platform's answer when it does not deploy it */
async function deployFourQueries(platform: PlatformProcess, app: string): Promise<void> {
  const body = appToJson(tripApp(app, fourQueries))
  const response = await fetch(`${platform.url}/v1/apps`, { method: 'POST', body })
  if (response.status !== 200) throw new Error(`${app} is not deployed: ${await response.text()}`)
}

/** Topics of our results, that of the counting query first. */
export const ownResultTopics = (app: string): readonly ResultTopic[] =>
  fourQueries
    .toSorted(({ name }) => (name === COUNTING_QUERY ? -1 : 0))
    .map(({ name, groupField }) => ({
      topic: resultTopicOf(app, name),
      rowOf: (value) => resultRow(name, groupField ?? undefined, value),
    }))

export const ownEngine: Engine = {
  id: 'own',
  title: 'mysimbdp: platform and job in one process, rows, state and offsets in one transaction',
  lateness: 'per-window',
  closesWithinMs: 0,
  quietMs: 0,
  warmUpSeconds: 30,
  whyNot: () => null,
  async start(task: EngineTask): Promise<RunningEngine> {
    const platform = await startPlatform(task, null)
    return {
      pids: [platform.child.pid!],
      results: ownResultTopics(task.app),
      whyEnded: () => (platform.hasEnded ? `the platform has ended: ${platform.said}` : null),
      stop: () => platform.kill('SIGTERM'),
    }
  },
}
