import type { RecordPlace, ResultReader, ServedLateRecord } from '#dataplane/sinks/sink.ts'
import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import { eventsHandled } from '#foundation/time/timers.ts'
import { type AppPlan, windowAggregateOf } from '#language/plan/plan.ts'
import { formatTimestamp } from '#language/schemas/value-text.ts'
import { type Span, windowPanes } from '#language/windows/window-panes.ts'

/** Records read before others get their turn. */
const RECORDS_AT_A_TIME = 500

/** A late record as JSON; `record` stands last, as the record is kept. */
export interface LateRecordDocument extends RecordPlace {
  /** ISO 8601 in the app's zone, as in results. */
  readonly eventTime: string
  /** The windows it missed; none when it was late for deduplication. */
  readonly windows: readonly { readonly start: string; readonly end: string }[]
  readonly record: Readonly<Record<string, unknown>>
}

export interface LateSelection {
  /** The first place that counts. */
  readonly from: RecordPlace
  /** Infinity for all. */
  readonly limit: number
}

export interface LateLine extends RecordPlace {
  /** JSON text of a LateRecordDocument, on one line. */
  readonly text: string
}

/** The late records of a query by partition and offset, read some at a time so that nobody else waits for long. */
export async function* lateLines(
  reader: ResultReader,
  plan: AppPlan,
  query: string,
  { from, limit }: LateSelection,
): AsyncGenerator<LateLine> {
  const windowAt = windowsOf(plan, query)
  let read = 0
  for (const found of reader.late(query, from)) {
    if (read === limit) return
    const { partition, offset } = found
    yield { partition, offset, text: lineOf(found, windowAt, plan.timeZone) }
    if (++read % RECORDS_AT_A_TIME === 0) await eventsHandled()
  }
}

/** A record that is late for deduplication has missed no window (semantics 3.6), so that a query without windows is never asked for one. */
function windowsOf(plan: AppPlan, query: string): (startMs: number) => Span {
  const { output } = plan.queries.find(({ name }) => name === query)!
  const window = windowAggregateOf(output)?.window
  if (window === undefined) return () => noWindow(query)
  // A late record would have been a session of its own (semantics 3.5).
  if (window.kind === 'session') return (start) => ({ start, end: start + window.gapMs })
  const panes = windowPanes(window)
  return (startMs) => panes.windowAt(startMs)
}

function noWindow(query: string): never {
  invariant(false, `query '${query}' has no windows, and a late record of it names one`)
}

function lineOf(
  { partition, offset, eventTimeMs, windows, record }: ServedLateRecord,
  windowAt: (startMs: number) => Span,
  timeZone: string,
): string {
  const spans = windows.map(windowAt).map(({ start, end }) => ({
    start: formatTimestamp(start, timeZone),
    end: formatTimestamp(end, timeZone),
  }))
  const known = JSON.stringify({ partition, offset, eventTime: formatTimestamp(eventTimeMs, timeZone), windows: spans })
  return `${known.slice(0, -1)},"record":${record}}`
}

/** The record in a line, as it is kept: no digit is lost. */
export const recordTextOf = (line: string): string => line.slice(line.indexOf('"record":') + '"record":'.length, -1)

/** `{partition}/{offset}`; undefined for another text. */
export function parsePlace(text: string): RecordPlace | undefined {
  const [, partition, offset] = /^(\d{1,9})\/(\d{1,15})$/.exec(text) ?? []
  return partition === undefined ? undefined : { partition: Number(partition), offset: Number(offset) }
}

export const placeText = ({ partition, offset }: RecordPlace): string => `${partition}/${offset}`
