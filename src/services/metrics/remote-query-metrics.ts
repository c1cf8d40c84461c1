import type { RemoteBatch, RemoteQuery } from '#dataplane/engines/remote-query.ts'
import { epochSeconds, type Metric, type MetricInput, perQuery, perStream, type Sample } from './metric.ts'

const QUERY = ['app', 'query'] as const
const counts = 'since its thread started'

const ofRemote = (figureOf: (remote: RemoteQuery) => number | null) =>
  perQuery(({ status }) => (status?.remote === undefined ? null : figureOf(status.remote)))
const ofBatch = (figureOf: (batch: RemoteBatch) => number | null) =>
  ofRemote(({ batch }) => (batch === null ? null : figureOf(batch)))

const STREAM = ['app', 'stream'] as const

/** What is counted of the reasons has this in front of its name. */
const REASON = 'code_'

const rejectedByReason = ({ facts }: MetricInput): readonly Sample<number>[] =>
  facts.apps.flatMap(({ app, streams }) =>
    streams.flatMap(({ stream, letters }) =>
      Object.entries<number>(letters?.counted ?? {})
        .filter(([name, value]) => name.startsWith(REASON) && value > 0)
        .map(([name, value]) => ({ labels: { app, stream, reason: name.slice(REASON.length) }, value })),
    ),
  )

/** Queries that run in a server of their own, such as Spark, as it tells of them. */
export const remoteQueryMetrics: readonly Metric[] = [
  {
    name: 'mysimbdp_remote_stream_records_total',
    help: 'Records of the stream that were read to find those to be rejected, once for all queries',
    type: 'counter',
    labels: STREAM,
    counts,
    samples: perStream(({ letters }) => letters?.counted.records ?? null),
  },
  {
    name: 'mysimbdp_remote_stream_rejected_records_total',
    help: 'Of these, records that were rejected and kept as dead letters, by reason',
    type: 'counter',
    labels: [...STREAM, 'reason'],
    counts,
    samples: rejectedByReason,
  },
  {
    name: 'mysimbdp_remote_query_running',
    help: '1 while the query runs on its server and is heard of, 0 while it is started, started again or stalled',
    type: 'gauge',
    labels: QUERY,
    samples: ofRemote(({ state }) => (state === 'running' ? 1 : 0)),
  },
  {
    name: 'mysimbdp_remote_query_restarts_total',
    help: 'How often the query was started again after it had ended with an error',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: ofRemote(({ restarts }) => restarts),
  },
  {
    name: 'mysimbdp_remote_query_input_rows_total',
    help: 'Rows that the query read',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: ofRemote(({ inputRows }) => inputRows),
  },
  {
    name: 'mysimbdp_remote_query_rejected_records_total',
    help: 'Records that the query rejected',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: ofRemote(({ counted }) => counted.rejected ?? null),
  },
  {
    name: 'mysimbdp_remote_query_dropped_groups_total',
    help: 'Groups that came too late; records of one group in one batch count once',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: ofRemote(({ droppedGroups }) => droppedGroups),
  },
  {
    name: 'mysimbdp_remote_query_relayed_rows_total',
    help: 'Rows that the query wrote and the relay read',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: ofRemote(({ relay }) => relay.readRows),
  },
  {
    name: 'mysimbdp_remote_query_repeated_rows_total',
    help: 'Rows that the query wrote again, and that the relay left out',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: ofRemote(({ relay }) => relay.repeatedRows),
  },
  {
    name: 'mysimbdp_remote_query_unrelayed_rows',
    help: 'Rows that the query has written and the relay has not read',
    type: 'gauge',
    labels: QUERY,
    samples: ofRemote(({ relay }) => relay.unreadRows),
  },
  {
    name: 'mysimbdp_remote_query_batch_seconds',
    help: 'How long the last batch took',
    type: 'gauge',
    labels: QUERY,
    samples: ofBatch(({ durationMs }) => durationMs / 1000),
  },
  {
    name: 'mysimbdp_remote_query_batch_rows',
    help: 'Rows that the last batch read',
    type: 'gauge',
    labels: QUERY,
    samples: ofBatch(({ inputRows }) => inputRows),
  },
  {
    name: 'mysimbdp_remote_query_input_rows_per_second',
    help: 'Rows that came in each second before the last batch',
    type: 'gauge',
    labels: QUERY,
    samples: ofBatch(({ inputRowsPerSecond }) => inputRowsPerSecond),
  },
  {
    name: 'mysimbdp_remote_query_processed_rows_per_second',
    help: 'Rows that were worked on in each second of the last batch',
    type: 'gauge',
    labels: QUERY,
    samples: ofBatch(({ processedRowsPerSecond }) => processedRowsPerSecond),
  },
  {
    name: 'mysimbdp_remote_query_state_rows',
    help: 'Groups that the server keeps for the query',
    type: 'gauge',
    labels: QUERY,
    samples: ofBatch(({ stateRows }) => stateRows),
  },
  {
    name: 'mysimbdp_remote_query_batch_timestamp_seconds',
    help: 'When the last batch began, in seconds since 1970',
    type: 'gauge',
    labels: QUERY,
    samples: ofBatch(({ atMs }) => epochSeconds(atMs)),
  },
]
