import type { CalendarUnit, Window, WindowKind } from '#language/windows/window.ts'
import { cannot, type Unsupported } from '../../lowering-table.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { withColumns } from './messages.ts'
import { firstInstant, localDate } from './times.ts'

/** Columns that a window adds: [start, end) in epoch ms. A record that is in several has a row for each. */
export const WINDOW_START = 'window_start'
export const WINDOW_END = 'window_end'

type LowerWindow<K extends WindowKind> = (input: RelationInit, window: Extract<Window, { kind: K }>) => RelationInit

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

export const windowLowerings: { readonly [K in WindowKind]: LowerWindow<K> | Unsupported } = {
  tumbling: (input, { sizeMs, offsetMs }) =>
    withEnd(withColumns(input, [{ name: WINDOW_START, sql: lastStart(sizeMs, offsetMs) }]), sizeMs),
  // Every start in (event time - size, event time].
  sliding: (input, { sizeMs, slideMs, offsetMs }) => {
    const starts = `explode(sequence(last_start, last_start - ${slideMs}L * ((last_start - (${TIME} - ${sizeMs}L) - 1) DIV ${slideMs}L), -${slideMs}L))`
    const last = withColumns(input, [{ name: 'last_start', sql: lastStart(slideMs, offsetMs) }])
    return withEnd(withColumns(last, [{ name: WINDOW_START, sql: starts }]), sizeMs)
  },
  calendar,
  session: cannot(
    'whether a session is still open depends on every record before it, and on this platform no engine runs one yet that the answer could be compared with',
  ),
}
