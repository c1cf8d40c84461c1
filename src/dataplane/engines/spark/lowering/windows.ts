import type { CalendarUnit, Window, WindowKind } from '#language/windows/window.ts'
import type { Unsupported } from '../../lowering-table.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { withColumns } from './messages.ts'
import { firstInstant, localDate } from './times.ts'

/** The bounds of a window: its start in epoch ms, and its end as TIMESTAMP. */
export const WINDOW_START = 'window_start'
export const CLOSES_AT = 'closes_at'

/** Records in the windows that they count in: one that is in several has a row for each. */
export interface WindowedRecords {
  readonly relation: RelationInit
  /** Expressions by which windows are told apart. */
  readonly groupedBy: readonly string[]
  /** Adds `WINDOW_START` and `CLOSES_AT` to what was grouped, as far as it lacks them. */
  readonly withBounds: (grouped: RelationInit) => RelationInit
}

export interface WindowLoweringOptions {
  /** Whether the end of a window is compared with a watermark. */
  readonly follows: boolean
  /** Whether there are group keys besides. */
  readonly isGrouped: boolean
}

export type LowerWindow<K extends WindowKind = WindowKind> = (
  input: RelationInit,
  window: Extract<Window, { kind: K }>,
  options: WindowLoweringOptions,
) => WindowedRecords

type LowerBounds<K extends WindowKind> = (input: RelationInit, window: Extract<Window, { kind: K }>) => RelationInit

/** The end of a window that a record alone decides, epoch ms. */
const WINDOW_END = 'window_end'

/** What Spark knows a column of event time by. With it on the end of a window, Spark closes and drops by rules 2.3 and 2.4 for windows of any kind. */
const EVENT_TIME_METADATA = 'spark.watermarkDelayMs'

/** `bounds` adds the start and the end of the windows of a record. */
const ofRecords =
  <K extends WindowKind>(bounds: LowerBounds<K>): LowerWindow<K> =>
  (input, window, { follows }) => {
    const closing = {
      name: CLOSES_AT,
      sql: `timestamp_millis(${WINDOW_END})`,
      ...(follows && { metadata: JSON.stringify({ [EVENT_TIME_METADATA]: 0 }) }),
    }
    return {
      relation: withColumns(bounds(input, window), [closing]),
      groupedBy: [WINDOW_START, CLOSES_AT],
      withBounds: (grouped) => grouped,
    }
  }

const TIME = 'unix_millis(event_time)'

/** The last start that is not after the event time. Floor, not cut: it holds before 1970 too (rule 3.2). */
const lastStart = (everyMs: number, offsetMs: number): string => `${TIME} - pmod(${TIME} - ${offsetMs}L, ${everyMs}L)`

const withEnd = (input: RelationInit, sizeMs: number): RelationInit =>
  withColumns(input, [{ name: WINDOW_END, sql: `${WINDOW_START} + ${sizeMs}L` }])

/** First date of the period that holds a date, and of the one `step` periods on. */
const periods: { readonly [U in CalendarUnit]: (date: string, step: number) => string } = {
  day: (date, step) => `date_add(${date}, ${step})`,
  week: (date, step) => `date_add(trunc(${date}, 'WEEK'), ${7 * step})`,
  month: (date, step) => `add_months(trunc(${date}, 'MONTH'), ${step})`,
  quarter: (date, step) => `add_months(trunc(${date}, 'QUARTER'), ${3 * step})`,
  year: (date, step) => `add_months(trunc(${date}, 'YEAR'), ${12 * step})`,
}

/**
 * Rule 3.3. The clock may show a date that another has already taken the place of, where it was set back over midnight: then the next period has begun.
 */
function calendar(input: RelationInit, { unit, timeZone }: Extract<Window, { kind: 'calendar' }>): RelationInit {
  const start = (step: number) => firstInstant(periods[unit]('local_date', step), timeZone)
  const dated = withColumns(input, [{ name: 'local_date', sql: localDate(TIME, timeZone) }])
  const starts = withColumns(
    dated,
    [0, 1, 2].map((step) => ({ name: `period_${step}`, sql: start(step) })),
  )
  return withColumns(starts, [
    { name: WINDOW_START, sql: `CASE WHEN period_1 <= ${TIME} THEN period_1 ELSE period_0 END` },
    { name: WINDOW_END, sql: `CASE WHEN period_1 <= ${TIME} THEN period_2 ELSE period_1 END` },
  ])
}

/** Spark calls a session's group by this name. */
const SESSION = 'session_window'
/** The same for all records, and nothing that Spark would do away with: it has no sessions of a stream without other groups. */
const ALL = { name: 'all_records', sql: 'pmod(offset, 1)' }

/** Rule 3.5. Spark has the watermark on event time itself, so that a record is late when its own session would have ended. */
const session: LowerWindow<'session'> = (input, { gapMs }, { isGrouped }) => ({
  relation: isGrouped ? input : withColumns(input, [ALL]),
  groupedBy: [`session_window(event_time, '${gapMs} milliseconds')`, ...(isGrouped ? [] : [ALL.name])],
  withBounds: (grouped) =>
    withColumns(grouped, [
      { name: WINDOW_START, sql: `unix_millis(${SESSION}.start)` },
      { name: CLOSES_AT, sql: `${SESSION}.end` },
    ]),
})

export const windowLowerings: { readonly [K in WindowKind]: LowerWindow<K> | Unsupported } = {
  tumbling: ofRecords((input, { sizeMs, offsetMs }) =>
    withEnd(withColumns(input, [{ name: WINDOW_START, sql: lastStart(sizeMs, offsetMs) }]), sizeMs),
  ),
  // Every start in (event time - size, event time].
  sliding: ofRecords((input, { sizeMs, slideMs, offsetMs }) => {
    const starts = `explode(sequence(last_start, last_start - ${slideMs}L * ((last_start - (${TIME} - ${sizeMs}L) - 1) DIV ${slideMs}L), -${slideMs}L))`
    const last = withColumns(input, [{ name: 'last_start', sql: lastStart(slideMs, offsetMs) }])
    return withEnd(withColumns(last, [{ name: WINDOW_START, sql: starts }]), sizeMs)
  }),
  calendar: ofRecords(calendar),
  session,
}
