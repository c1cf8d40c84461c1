import { logWatermarkMs } from '../health/facts.ts'
import { epochSeconds, type Metric, perStream } from './metric.ts'

const STREAM = ['app', 'stream'] as const

/** Where records wait between ingest and the queries. */
export const logMetrics: readonly Metric[] = [
  {
    name: 'mysimbdp_log_append_seconds',
    help: 'How long it took to write to the log what arrived within a moment, and to sync it to disk',
    type: 'histogram',
    labels: STREAM,
    counts: 'since its thread started',
    samples: perStream(({ figures }) => figures?.appendSeconds ?? null),
  },
  {
    name: 'mysimbdp_log_records_total',
    help: 'Records that the log has ever received, rejected ones included: the offset of the next one',
    type: 'counter',
    labels: STREAM,
    counts: 'since the stream or query began',
    samples: perStream(({ figures }) => figures?.partitions.reduce((sum, { end }) => sum + end, 0) ?? null),
  },
  {
    name: 'mysimbdp_log_kept_records',
    help: 'Records that are in the log now',
    type: 'gauge',
    labels: STREAM,
    samples: perStream(
      ({ figures }) => figures?.partitions.reduce((sum, { start, end }) => sum + end - start, 0) ?? null,
    ),
  },
  {
    name: 'mysimbdp_log_bytes',
    help: 'What the log takes on the disk',
    type: 'gauge',
    labels: STREAM,
    samples: perStream(({ logBytes }) => logBytes),
  },
  {
    name: 'mysimbdp_log_watermark_timestamp_seconds',
    help: 'The watermark of all records in the log, in seconds since 1970: windows that end before it can close',
    type: 'gauge',
    labels: STREAM,
    samples: perStream((stream) => epochSeconds(logWatermarkMs(stream))),
  },
]
