import { DAY_MS, type ZoneRules } from '#foundation/time/zone.ts'
import type { CalendarUnit } from '#language/windows/window.ts'

/** [start, end) in epoch ms. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

const utcDate = (year: number, month: number): number => {
  const date = new Date(0)
  date.setUTCFullYear(year, month, 1)
  return date.getTime() / DAY_MS
}

/** First date of the period that holds a date, and of the one `step` periods on; dates are days since 1970-01-01. */
const periods: { readonly [U in CalendarUnit]: (date: number, step: number) => number } = {
  day: (date, step) => date + step,
  // 1970-01-01 was a Thursday; weeks begin on Monday.
  week: (date, step) => date - ((((date + 3) % 7) + 7) % 7) + 7 * step,
  month: (date, step) => monthOf(date, (year, month) => utcDate(year, month + step)),
  quarter: (date, step) => monthOf(date, (year, month) => utcDate(year, month - (month % 3) + 3 * step)),
  year: (date, step) => monthOf(date, (year) => utcDate(year + step, 0)),
}

function monthOf(date: number, first: (year: number, month: number) => number): number {
  const day = new Date(date * DAY_MS)
  return first(day.getUTCFullYear(), day.getUTCMonth())
}

/** The calendar windows (rule 3.3) that hold an instant of one of these UTC days (days since 1970-01-01), in order, each once. */
export function calendarWindows(unit: CalendarUnit, zone: ZoneRules, utcDays: readonly number[]): readonly Span[] {
  const spans = new Map<number, Span>()
  for (const day of utcDays) {
    for (let step = -1; ; step++) {
      const localDate = Math.floor((day * DAY_MS + zone.offsetMsAt(day * DAY_MS)) / DAY_MS)
      const span = windowAt(unit, zone, periods[unit](localDate, step))
      if (span.startMs >= (day + 1) * DAY_MS) break
      // A date that a zone skipped begins and ends in one instant.
      if (span.endMs > day * DAY_MS && span.endMs > span.startMs) spans.set(span.startMs, span)
    }
  }
  return [...spans.values()].sort((a, b) => a.startMs - b.startMs)
}

const windowAt = (unit: CalendarUnit, zone: ZoneRules, firstDate: number): Span => ({
  startMs: zone.firstInstantOfDate(firstDate),
  endMs: zone.firstInstantOfDate(periods[unit](firstDate, 1)),
})
