import type { Engine, EngineTask, RunningEngine } from './engine.ts'
import { ownResultTopics, startPlatform } from './own-engine.ts'

const SERVER = 'spark-1'

/** The platform with Spark as its engine: a server that is started anew, and the platform, which relays its rows. */
export const sparkEngine: Engine = {
  id: 'spark',
  title: 'mysimbdp on Spark 4.2.0: two threads, a trigger of 1 s, rows relayed once',
  // In batches as large as those of a backlog nothing is late.
  lateness: 'nothing-late',
  closesWithinMs: 0,
  // Queries go through a backlog in batches of their own, of which one may take a minute.
  quietMs: 90_000,
  // Of 1,000 it leaves half a minute's behind: small batches of four queries, each of which parses anew, take nearly two cores then.
  steadyRecordsPerSecond: 200,
  // A server that was cold had counted nothing after 140 s, on a busy machine.
  warmUpSeconds: 150,
  // Maven brings it as it has brought Kafka.
  whyNot: () => null,
  async start(task: EngineTask): Promise<RunningEngine> {
    await task.bench.require(['kafka', 'spark'])
    await task.bench.restart(SERVER)
    const platform = await startPlatform(task, null, 'spark')
    return {
      pids: [task.bench.pidOf(SERVER), platform.child.pid!],
      results: ownResultTopics(task.app),
      whyEnded: () => (platform.hasEnded ? `the platform has ended: ${platform.said}` : null),
      stop: () => platform.kill('SIGTERM'),
    }
  },
}
