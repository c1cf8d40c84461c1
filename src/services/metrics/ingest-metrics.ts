import { lastArrivalMs, type StreamFacts } from '../health/facts.ts'
import { epochSeconds, type Metric, type MetricInput, perApp, perStream, type Sample } from './metric.ts'

const STREAM = ['app', 'stream'] as const
const counts = 'since its thread started'

/** What came in, and what became of it. */
export const ingestMetrics: readonly Metric[] = [
  {
    name: 'mysimbdp_ingest_up',
    help: 'Whether records of the app can be taken: 1 when its ingest thread runs, else 0',
    type: 'gauge',
    labels: ['app'],
    samples: perApp(({ ingest }) => (ingest.state === 'running' ? 1 : 0)),
  },
  {
    name: 'mysimbdp_ingest_restarts_total',
    help: 'How often the ingest thread of the app was started again after a failure',
    type: 'counter',
    labels: ['app'],
    counts: 'since its thread started',
    samples: perApp(({ ingest }) => ingest.restarts),
  },
  {
    name: 'mysimbdp_ingest_received_bytes_total',
    help: 'Bytes of records that senders brought, after decompression',
    type: 'counter',
    labels: STREAM,
    counts,
    samples: perStream(({ figures }) => figures?.receivedBytes ?? null),
  },
  {
    name: 'mysimbdp_ingest_accepted_records_total',
    help: 'Records that fit the schema and are in the log',
    type: 'counter',
    labels: STREAM,
    counts,
    samples: perStream(({ figures }) => figures?.accepted ?? null),
  },
  {
    name: 'mysimbdp_ingest_rejected_records_total',
    help: 'Records that do not fit the schema, by reason (docs/reference/errors.md says what the reasons mean)',
    type: 'counter',
    labels: [...STREAM, 'reason'],
    counts,
    samples: byReason(() => true),
  },
  {
    name: 'mysimbdp_dead_letters_total',
    help: 'Rejected records that were kept as dead letters, by reason: they can be looked at and repaired',
    type: 'counter',
    labels: [...STREAM, 'reason'],
    counts,
    samples: byReason(({ badRecords }) => badRecords === 'dead-letter'),
  },
  {
    name: 'mysimbdp_ingest_already_received_records_total',
    help: 'Records that a producer sent again and the log had already: they do not count twice',
    type: 'counter',
    labels: STREAM,
    counts,
    samples: perStream(({ figures }) => figures?.alreadyReceived ?? null),
  },
  {
    name: 'mysimbdp_ingest_failed_records_total',
    help: 'Records that could not be written, for want of disk or broker; their senders were told, and may send them again',
    type: 'counter',
    labels: STREAM,
    counts,
    samples: perStream(({ figures }) => figures?.failed ?? null),
  },
  {
    name: 'mysimbdp_ingest_ambiguous_times_total',
    help: 'Accepted records with a local time that occurs twice when clocks are set back; the first one was taken',
    type: 'counter',
    labels: STREAM,
    counts,
    samples: perStream(({ figures }) => figures?.ambiguousTimes ?? null),
  },
  {
    name: 'mysimbdp_ingest_last_arrival_timestamp_seconds',
    help: 'When the last record arrived, in seconds since 1970; when the thread started, if none is known',
    type: 'gauge',
    labels: STREAM,
    samples: perStream((stream) => epochSeconds(lastArrivalMs(stream))),
  },
]

function byReason(counted: (stream: StreamFacts) => boolean): (input: MetricInput) => readonly Sample<number>[] {
  return ({ facts }) =>
    facts.apps.flatMap(({ app, streams }) =>
      streams
        .filter(counted)
        .flatMap(({ stream, figures }) =>
          [...(figures?.rejectedByReason ?? [])].map(([reason, value]) => ({ labels: { app, stream, reason }, value })),
        ),
    )
}
