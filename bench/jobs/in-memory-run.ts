import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { compileQuery } from '#dataplane/engines/embedded/compile/compile-query.ts'
import { latenessDelayMs } from '#dataplane/engines/embedded/runtime/query-runner.ts'
import { BatchSharing } from '#dataplane/engines/embedded/sharing/batch-sharing.ts'
import type { LoggedBatch } from '#dataplane/records/record-batch.ts'
import type { Source } from '#dataplane/sources/source.ts'
import type { App } from '#language/query/app.ts'
import { streamsOf } from '#services/runs/bounded-run.ts'
import { STREAM } from '../workload/trip-apps.ts'

export interface InMemoryResult {
  readonly records: number
  /** JSON text of the last row of each query by result key. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** What the threads of a run may be; the run takes those it can use. */
export interface InMemoryOptions {
  readonly threads: number
}

const BATCH_RECORDS = 4096

/**
 * Decoding and the queries, without log, state file or results on disk. The one place that decides what "in memory" is. It runs on one thread, however many
 * are offered.
 */
export async function runInMemory(app: App, source: Source, _options: InMemoryOptions): Promise<InMemoryResult> {
  const node = streamsOf(app.plan).get(STREAM)!
  const decoder = createJsonDecoder(node)
  const sharing = new BatchSharing()
  const options = { keepAllRows: true, boundMs: Number.NEGATIVE_INFINITY }
  const queries = app.plan.queries.map((query) => ({
    operator: compileQuery(query, app.plan.timeZone, options, sharing),
    rows: new Map<string, string>(),
    name: query.name,
    latenessDelayMs: latenessDelayMs(query),
  }))
  const takeRows = (watermarkMs: number): void => {
    for (const { operator, rows } of queries) {
      const changes = operator.takeChanges(watermarkMs)
      for (const { key, row } of changes.rows) rows.set(key, row)
      changes.takeState()
    }
  }
  let [records, maxEventTimeBefore] = [0, Number.NEGATIVE_INFINITY]
  const processPending = (least: number): void => {
    while (decoder.pending > least) {
      const { received, batch } = decoder.take(BATCH_RECORDS, { arrivalMs: 0, maxFutureSkewMs: null })!
      const logged = loggedBatch(batch, received, records, maxEventTimeBefore)
      records += received
      maxEventTimeBefore = Math.max(maxEventTimeBefore, logged.maxEventTime)
      for (const { operator, latenessDelayMs: delayMs } of queries) operator.process(logged, delayMs)
      takeRows(maxEventTimeBefore - node.watermarkDelayMs!)
    }
  }
  for await (const chunk of source.chunks()) {
    decoder.write(chunk)
    processPending(BATCH_RECORDS)
  }
  decoder.end()
  processPending(0)
  takeRows(Number.POSITIVE_INFINITY)
  return { records, rows: new Map(queries.map(({ name, rows }) => [name, rows])) }
}

function loggedBatch(
  batch: LoggedBatch['batch'],
  received: number,
  baseOffset: number,
  maxEventTimeBefore: number,
): LoggedBatch {
  let [minEventTime, maxEventTime] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const eventTime of batch.eventTimes) {
    minEventTime = Math.min(minEventTime, eventTime)
    maxEventTime = Math.max(maxEventTime, eventTime)
  }
  return { partition: 0, baseOffset, received, arrivalMs: 0, maxEventTimeBefore, minEventTime, maxEventTime, batch }
}
