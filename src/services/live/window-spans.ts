import { DAY_MS } from '#foundation/time/zone.ts'
import { type AppPlan, sourceOf, windowAggregateOf } from '#language/plan/plan.ts'
import type { CalendarUnit, Window } from '#language/windows/window.ts'

/** The clocks are put back by so much at most. */
const CLOCK_CHANGE_MS = 3 * 3_600_000
const DAYS_MAX: Readonly<Record<CalendarUnit, number>> = { day: 1, week: 7, month: 31, quarter: 92, year: 366 }

/** After a record's event time its last window of any query of the stream ends within so many ms. */
export function longestWindowMs(plan: AppPlan, stream: string): number {
  const windows = plan.queries
    .filter(({ output }) => sourceOf(output).stream === stream)
    .flatMap(({ output }) => windowAggregateOf(output)?.window ?? [])
  return Math.max(0, ...windows.map(lengthMs))
}

function lengthMs(window: Window): number {
  switch (window.kind) {
    case 'tumbling':
    case 'sliding':
      return window.sizeMs
    case 'session':
      return window.gapMs
    case 'calendar':
      return DAYS_MAX[window.unit] * DAY_MS + CLOCK_CHANGE_MS
  }
}
