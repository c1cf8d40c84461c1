import type { LatenessRule } from '../../expected/lateness.ts'
import { processCpuSeconds } from '../../measuring/busy-time.ts'
import type { ClusterBench } from '../cluster-bench.ts'
import type { ResultTopic } from '../result-topics.ts'

/** What an engine is started for: to get through a backlog, or to answer soon at a steady rate. Engines that have settings for that take them from it. */
export type Purpose = 'backlog' | 'latency'

export interface EngineTask {
  readonly bench: ClusterBench
  /** Its input is the topic `{app}_ingestData`; topics and groups that the engine makes have names that begin with the app's, `{app}_…` for topics. */
  readonly app: string
  readonly inputTopic: string
  readonly partitions: number
  readonly purpose: Purpose
}

/** An engine at work, in processes that are its alone and began with it. */
export interface RunningEngine {
  readonly pids: readonly number[]
  readonly results: readonly ResultTopic[]
  /** What it said when it has ended, which it should not; null while it runs. */
  whyEnded(): string | null
  stop(): Promise<void>
}

/** An engine that runs the four queries exactly once from topic to topic. */
export interface Engine {
  /** Figures are called `kafka.{id}.…`. */
  readonly id: string
  readonly title: string
  /** The rule by which its rows are checked. */
  readonly lateness: LatenessRule
  /** It emits the last windows that are closed late or not at all until more records come: rows of windows closed by so much event time must be there. */
  readonly closesWithinMs: number
  /** Nothing has come for so long when all is written that belongs to a count that was seen. */
  readonly quietMs: number
  /** A steady rate of its own at which latency is measured, for an engine that is far from holding that of the others. */
  readonly steadyRecordsPerSecond?: number
  /** Of a steady rate, before it is measured. */
  readonly warmUpSeconds: number
  /** Why it cannot be measured here, with what to do; null when it can. */
  whyNot(): string | null
  start(task: EngineTask): Promise<RunningEngine>
}

export const sumOf = (pids: readonly number[], figureOf: (pid: number) => number): number =>
  pids.reduce((sum, pid) => sum + figureOf(pid), 0)

/** User and system time since it started. */
export const cpuSecondsOf = ({ pids }: RunningEngine): number => sumOf(pids, processCpuSeconds)
