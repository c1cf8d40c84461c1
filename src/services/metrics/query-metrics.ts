import { epochSeconds, type Metric, perQuery } from './metric.ts'

const QUERY = ['app', 'query'] as const
const counts = 'since its thread started'

/** Each query of a job, and its results. */
export const queryMetrics: readonly Metric[] = [
  {
    name: 'mysimbdp_query_read_records_total',
    help: 'Records that the query read from the log, rejected ones included',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: perQuery(({ figures }) => figures?.recordsRead ?? null),
  },
  {
    name: 'mysimbdp_query_late_records_total',
    help: 'Records that came too late for at least one of their windows, or for deduplication; each is kept and counted once',
    type: 'counter',
    labels: QUERY,
    counts: 'since the stream or query began',
    // Of a query in another server nobody knows.
    samples: perQuery(({ status }) => (status?.remote === undefined ? (status?.lateRecords ?? null) : null)),
  },
  {
    name: 'mysimbdp_query_unread_records',
    help: 'Records in the log that the query has not read yet: its lag',
    type: 'gauge',
    labels: QUERY,
    samples: perQuery(({ unread }) => unread),
  },
  {
    name: 'mysimbdp_query_closed_up_to_timestamp_seconds',
    help: 'Event time up to which all windows are closed, in seconds since 1970 (complete queries: up to which rows have left)',
    type: 'gauge',
    labels: QUERY,
    samples: perQuery(({ status }) => epochSeconds(status?.closedUpToMs)),
  },
  {
    name: 'mysimbdp_query_state_memory_bytes',
    help: 'What memory holds of groups in open windows, by estimate',
    type: 'gauge',
    labels: QUERY,
    samples: perQuery(({ status }) => status?.stateBytes ?? null),
  },
  {
    name: 'mysimbdp_query_spilled_groups_total',
    help: 'Groups of open windows that were written to the disk for want of memory; a group counts each time, in each pane of time',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: perQuery(({ status }) => status?.spilledGroups ?? null),
  },
  {
    name: 'mysimbdp_results_rows_written_total',
    help: 'Rows of results that were written; a row that changes is written again',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: perQuery(({ figures }) => figures?.rowsWritten ?? null),
  },
  {
    name: 'mysimbdp_results_rows_removed_total',
    help: 'Rows that left the results, because their time in a complete query was over',
    type: 'counter',
    labels: QUERY,
    counts,
    samples: perQuery(({ figures }) => figures?.rowsRemoved ?? null),
  },
]
