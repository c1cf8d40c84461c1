import { type ConnectorFacts, NOTHING_SEEN } from '../connect/connector-watch.ts'
import type { IngestFigures, PartitionFigures } from '../live/ingest-counters.ts'
import type { AppFacts, JobFacts, QueryFacts, StreamFacts, ThreadFacts } from './facts.ts'
import { defaultThresholds } from './thresholds.ts'

/** Facts of an app that is well, for checks to be tested with: what a test gives takes the place of what is here. */

export const NOW_MS = Date.parse('2024-04-13T12:00:00Z')

export const partitionFigures = (more: Partial<PartitionFigures> = {}): PartitionFigures => ({
  partition: 0,
  start: 0,
  end: 100,
  maxEventTimeMs: NOW_MS,
  maxEventTimeMovedMs: NOW_MS,
  acceptedSinceMoved: 0,
  lastArrivalMs: NOW_MS,
  ...more,
})

const ingestFigures = (partitions: readonly PartitionFigures[]): IngestFigures => ({
  sinceMs: NOW_MS - 3_600_000,
  receivedBytes: 10_000,
  accepted: 100,
  rejected: 0,
  rejectedByReason: new Map(),
  alreadyReceived: 0,
  failed: 0,
  ambiguousTimes: 0,
  appendSeconds: { bounds: [], counts: [0], sum: 0 },
  recent: { received: 100, rejected: 0, mainReason: null },
  partitions,
})

export const streamFacts = (
  more: Partial<StreamFacts> = {},
  partitions: readonly PartitionFigures[] = [partitionFigures()],
): StreamFacts => ({
  stream: 'trips',
  topic: 'taxi_trips',
  watermarkDelayMs: 10_000,
  maxFutureSkewMs: 10_000,
  badRecords: 'dead-letter',
  letters: null,
  remoteInput: null,
  idleTimeoutMs: null,
  closeWhenIdle: false,
  figures: ingestFigures(partitions),
  logBytes: 1000,
  logLimitBytes: null,
  ...more,
})

export const queryFacts = (more: Partial<QueryFacts> = {}): QueryFacts => ({
  query: 'perMinute',
  stream: 'trips',
  mode: 'append',
  status: {
    query: 'perMinute',
    lateRecords: 0,
    positions: [{ partition: 0, offset: 100, maxEventTime: NOW_MS }],
    closedUpToMs: NOW_MS - 60_000,
    openWindowEndMs: NOW_MS + 60_000,
    stateBytes: 4096,
    spilledGroups: 0,
  },
  figures: { recordsRead: 100, rowsWritten: 1, rowsRemoved: 0 },
  unread: 0,
  unreadBefore: 0,
  unreadSinceMs: null,
  readNothingSinceMs: NOW_MS,
  overdueSinceMs: null,
  recentRead: 100,
  recentLate: 0,
  ...more,
})

export const threadFacts = (more: Partial<ThreadFacts> = {}): ThreadFacts => ({
  state: 'running',
  stateSinceMs: NOW_MS - 3_600_000,
  error: null,
  lastError: null,
  restarts: 0,
  recentRestarts: 0,
  silentMs: 0,
  ...more,
})

export const jobFacts = (more: Partial<JobFacts> = {}): JobFacts => ({
  ...threadFacts(),
  wanted: 'running',
  rebuilding: [],
  figures: null,
  ...more,
})

export const connectorFacts = (more: Partial<ConnectorFacts> = {}): ConnectorFacts => ({
  ...NOTHING_SEEN,
  query: 'perMinute',
  connector: 'taxi_perMinute',
  state: 'running',
  tasks: 1,
  ...more,
})

export const appFacts = (more: Partial<AppFacts> = {}): AppFacts => ({
  app: 'taxi',
  timeZone: 'UTC',
  nowMs: NOW_MS,
  thresholds: defaultThresholds,
  ingest: threadFacts(),
  job: jobFacts(),
  streams: [streamFacts()],
  queries: [queryFacts()],
  connectors: [connectorFacts()],
  storage: { logBytes: new Map(), stateBytes: 1000, stateWalBytes: 100 },
  ...more,
})
