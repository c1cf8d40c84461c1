import type { QueryStatus } from '#dataplane/engines/engine.ts'
import type { RemoteRun } from '#dataplane/engines/remote-query.ts'
import type { RejectionCode } from '#dataplane/records/record-batch.ts'
import type { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { BadRecordPolicy, OutputMode } from '#language/plan/plan.ts'
import type { ConnectorFacts } from '../connect/connector-watch.ts'
import type { IngestFigures, PartitionFigures } from '../live/ingest-counters.ts'
import type { JobFigures, QueryFigures } from '../live/job-counters.ts'
import type { BrokenApp } from '../live/live-platform.ts'
import type { JobState } from '../live/thread-report.ts'
import type { StorageUse } from '../runs/platform.ts'
import { type InputCounts, rejectionSentence } from '../runs/rejection-sentence.ts'
import type { HealthThresholds } from './thresholds.ts'

/** All that checks and metrics know, collected in one place (`platform-watch.ts`, `app-watch.ts`). Times are epoch ms. */
export interface PlatformFacts {
  readonly nowMs: number
  readonly thresholds: HealthThresholds
  readonly disk: DiskFacts
  readonly broken: readonly BrokenApp[]
  readonly apps: readonly AppFacts[]
}

export interface DiskFacts {
  readonly dataFolder: string
  readonly freeBytes: number
  readonly totalBytes: number
}

export interface AppFacts {
  readonly app: string
  readonly timeZone: string
  readonly nowMs: number
  readonly thresholds: HealthThresholds
  readonly ingest: ThreadFacts
  readonly job: JobFacts
  readonly streams: readonly StreamFacts[]
  readonly queries: readonly QueryFacts[]
  /** Those that bring results to a serving store; none where the job's own file serves them. */
  readonly connectors: readonly ConnectorFacts[]
  readonly storage: StorageUse
}

export interface ThreadFacts {
  readonly state: JobState
  readonly stateSinceMs: number
  /** Why it does not run; null when it does, or was stopped. */
  readonly error: MysimbdpError | null
  readonly lastError: MysimbdpError | null
  /** Since it was first started, and within `restartsMs` of the thresholds. */
  readonly restarts: number
  readonly recentRestarts: number
  /** How long it has not answered; 0 when it owes no answer. */
  readonly silentMs: number
}

/** It failed and does not run again yet, also while one more attempt to start it is being made. */
export const isRecovering = ({ state, error, restarts }: ThreadFacts): boolean =>
  state === 'recovering' || (state === 'starting' && restarts > 0 && error !== null)

export interface JobFacts extends ThreadFacts {
  readonly wanted: 'running' | 'stopped'
  readonly rebuilding: readonly string[]
  /** Null until the job answered for the first time. */
  readonly figures: JobFigures | null
}

export interface StreamFacts {
  readonly stream: string
  readonly topic: string
  readonly watermarkDelayMs: number | null
  readonly maxFutureSkewMs: number | null
  readonly badRecords: BadRecordPolicy
  /** What writes its dead letters in another server; null where the job does it itself, and before it has begun. */
  readonly letters: RemoteRun | null
  /** In the last minute, as another server counts what it reads of the topic; null where the job reads it. */
  readonly remoteInput: InputCounts | null
  /** What the stream says about quiet partitions. */
  readonly idleTimeoutMs: number | null
  readonly closeWhenIdle: boolean
  /** Null until ingest answered for the first time. */
  readonly figures: IngestFigures | null
  readonly logBytes: number
  /** Beyond which the log takes no records; null for no limit. */
  readonly logLimitBytes: number | null
}

export interface QueryFacts {
  readonly query: string
  readonly stream: string
  readonly mode: OutputMode
  /** Null until the job has begun for the first time. */
  readonly status: QueryStatus | null
  readonly figures: QueryFigures | null
  /** Records in the log that the query has not read; null when that is not known. */
  readonly unread: number | null
  /** The same at the beginning of the last minute, or when watching began. */
  readonly unreadBefore: number | null
  /** Since when there has always been something unread, and since when the query has read nothing. */
  readonly unreadSinceMs: number | null
  readonly readNothingSinceMs: number
  /** Since when the log's watermark has been past the end of `openWindowEndMs`; null when it is not, or the query writes rows at once. */
  readonly overdueSinceMs: number | null
  /** In the last minute. */
  readonly recentRead: number
  /** Records, or groups of them where another server drops them. */
  readonly recentLate: number
}

/** The minimum watermark over the partitions of the log, whatever has been read of it (semantics 2.4); -Infinity for none. */
export function logWatermarkMs({ figures, watermarkDelayMs }: StreamFacts): number {
  if (figures === null || watermarkDelayMs === null) return Number.NEGATIVE_INFINITY
  return Math.min(...figures.partitions.map(({ maxEventTimeMs }) => maxEventTimeMs)) - watermarkDelayMs
}

/** When something last arrived; when counting began, if nothing did since; null when that is not known. */
export function lastArrivalMs({ figures }: StreamFacts): number | null {
  if (figures === null) return null
  return Math.max(...figures.partitions.map((partition) => arrivalMs(figures, partition)))
}

export const arrivalMs = ({ sinceMs }: IngestFigures, partition: PartitionFigures): number =>
  partition.lastArrivalMs ?? sinceMs

export const streamOf = ({ streams }: AppFacts, { stream }: QueryFacts): StreamFacts =>
  streams.find((one) => one.stream === stream)!

/** An alarming share of what a stream received in the last minute was rejected. */
export interface Alarm {
  readonly sentence: string
  readonly code: RejectionCode
}

/** What was rejected where records come in, else where they are read; null where all is well. */
export function rejectionAlarm({ stream, figures, remoteInput }: StreamFacts): Alarm | null {
  for (const input of [figures?.recent ?? null, remoteInput]) {
    const sentence = input === null ? null : rejectionSentence(stream, input, ' in the last minute')
    if (sentence !== null) return { sentence, code: input!.mainReason!.code }
  }
  return null
}
