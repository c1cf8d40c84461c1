import type { CalendarUnit, Window, WindowKind } from '#language/windows/window.ts'
import { cannot, type Unsupported } from '../../lowering-table.ts'
import { quoteName } from './typed-sql.ts'

/** How a record finds its windows: a FROM item next to the records, and the bounds it gives. */
interface WindowSql {
  readonly join: string
  readonly start: string
  readonly end: string
}

type LowerWindow<K extends WindowKind> = (window: Extract<Window, { kind: K }>) => WindowSql

/** A relation (starts_at, ends_at) of calendar windows, computed outside SQL: the way from local time to UTC differs in DuckDB (rule 3.3). */
export const calendarTable = (unit: CalendarUnit, timeZone: string): string => quoteName(`calendar ${unit} ${timeZone}`)

/** The last start that is not after the event time. Floor, not cut: it holds before 1970 too (rule 3.2). */
const lastStart = (everyMs: number, offsetMs: number): string =>
  `floor_divide(event_time - (${offsetMs}), ${everyMs}) * ${everyMs} + (${offsetMs})`

export const windowLowerings: { readonly [K in WindowKind]: LowerWindow<K> | Unsupported } = {
  tumbling: ({ sizeMs, offsetMs }) => ({
    join: '',
    start: lastStart(sizeMs, offsetMs),
    end: `${lastStart(sizeMs, offsetMs)} + ${sizeMs}`,
  }),
  // Every start in (event time - size, event time].
  sliding: ({ sizeMs, slideMs, offsetMs }) => ({
    join: `CROSS JOIN unnest(range(${lastStart(slideMs, offsetMs)}, event_time - ${sizeMs}, -${slideMs})) AS slides(starts_at)`,
    start: 'starts_at',
    end: `starts_at + ${sizeMs}`,
  }),
  calendar: ({ unit, timeZone }) => ({
    join: `JOIN ${calendarTable(unit, timeZone)} ON event_time >= starts_at AND event_time < ends_at`,
    start: 'starts_at',
    end: 'ends_at',
  }),
  session: cannot(
    'whether a session is still open depends on every record before it, which one SQL query does not follow',
  ),
}
