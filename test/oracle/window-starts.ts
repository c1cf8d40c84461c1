import type { CalendarUnit, Window } from '#language/windows/window.ts'
import { DAY_MS, firstInstantOf, localDate } from './local-time.ts'

/** A window [startMs, endMs). */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** The windows an event time is in, by start. */
export function windowsOf(timeMs: number, window: Window): readonly Span[] {
  switch (window.kind) {
    case 'tumbling':
      return slidingWindows(timeMs, window.sizeMs, window.sizeMs, window.offsetMs)
    case 'sliding':
      return slidingWindows(timeMs, window.sizeMs, window.slideMs, window.offsetMs)
    case 'calendar':
      return [calendarWindow(timeMs, window.unit, window.timeZone)]
    case 'session':
      throw new Error('a session is found among the records of its key')
  }
}

/** Every multiple of the slide (plus offset) from which `size` reaches over the time. */
function slidingWindows(timeMs: number, sizeMs: number, slideMs: number, offsetMs: number): readonly Span[] {
  const spans: Span[] = []
  const first = Math.floor((timeMs - sizeMs - offsetMs) / slideMs) * slideMs + offsetMs
  for (let startMs = first; startMs <= timeMs; startMs += slideMs) {
    if (startMs + sizeMs > timeMs) spans.push({ startMs, endMs: startMs + sizeMs })
  }
  return spans
}

function calendarWindow(timeMs: number, unit: CalendarUnit, zone: string): Span {
  const shown = localDate(timeMs, zone)
  const date = [shown - 1, shown, shown + 1].find(
    (day) => firstInstantOf(day, zone) <= timeMs && timeMs < firstInstantOf(day + 1, zone),
  )
  if (date === undefined) throw new Error(`no local date of ${zone} holds ${timeMs}`)
  const begin = beginOfPeriod(date, unit)
  let next = begin + 1
  while (beginOfPeriod(next, unit) === begin) next++
  return { startMs: firstInstantOf(begin, zone), endMs: firstInstantOf(next, zone) }
}

/** The first date of the period a date is in: walks back day by day. */
function beginOfPeriod(date: number, unit: CalendarUnit): number {
  let day = date
  while (!isFirstDay(day, unit)) day--
  return day
}

function isFirstDay(date: number, unit: CalendarUnit): boolean {
  const utc = new Date(date * DAY_MS)
  const firstOfMonth = utc.getUTCDate() === 1
  switch (unit) {
    case 'day':
      return true
    case 'week':
      return utc.getUTCDay() === 1
    case 'month':
      return firstOfMonth
    case 'quarter':
      return firstOfMonth && utc.getUTCMonth() % 3 === 0
    case 'year':
      return firstOfMonth && utc.getUTCMonth() === 0
  }
}
