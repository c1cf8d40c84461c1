import { DAY_MS, zoneRules } from '#foundation/time/zone.ts'
import type { CalendarUnit, Window } from './window.ts'

/** [start, end) in epoch ms. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * How windows are made of panes: disjoint stretches of event time, each inside or outside a window as a whole. A record updates one
 * pane however many windows it is in.
 */
export interface WindowPanes {
  /** The pane a record is in. */
  paneOf(eventTimeMs: number): Span
  /** The windows that contain the pane beginning at `paneStart`, by start. */
  windowsOf(paneStart: number): readonly Span[]
  /** Those of them whose end lies in (after, upTo], however many others there are. */
  windowsEnding(paneStart: number, afterMs: number, upToMs: number): readonly Span[]
  /** End of the last of them; -Infinity when there is none. */
  lastEndOf(paneStart: number): number
  /** The window beginning at `windowStart`. */
  windowAt(windowStart: number): Span
  /** The starts of the panes that make up a window. */
  panesIn(window: Span): readonly number[]
  /** How many these are. */
  paneCount(window: Span): number
}

export function windowPanes(window: Exclude<Window, { kind: 'session' }>): WindowPanes {
  switch (window.kind) {
    case 'tumbling':
      return new SlidingPanes(window.sizeMs, window.sizeMs, window.offsetMs)
    case 'sliding':
      return new SlidingPanes(window.sizeMs, window.slideMs, window.offsetMs)
    case 'calendar':
      return new CalendarPanes(window.unit, window.timeZone)
  }
}

/** The windows that start after a time, and none of the others. */
export function windowsAfter(boundMs: number, windows: WindowPanes): WindowPanes {
  if (boundMs === Number.NEGATIVE_INFINITY) return windows
  return {
    paneOf: (eventTimeMs) => windows.paneOf(eventTimeMs),
    windowsOf: (paneStart) => windows.windowsOf(paneStart).filter(({ start }) => start > boundMs),
    windowsEnding: (paneStart, afterMs, upToMs) =>
      windows.windowsEnding(paneStart, afterMs, upToMs).filter(({ start }) => start > boundMs),
    lastEndOf: (paneStart) => {
      const end = windows.lastEndOf(paneStart)
      return windows.windowsEnding(paneStart, end - 1, end)[0]!.start > boundMs ? end : Number.NEGATIVE_INFINITY
    },
    windowAt: (windowStart) => windows.windowAt(windowStart),
    panesIn: (window) => windows.panesIn(window),
    paneCount: (window) => windows.paneCount(window),
  }
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

class SlidingPanes implements WindowPanes {
  readonly #sizeMs: number
  readonly #slideMs: number
  readonly #paneMs: number
  readonly #offsetMs: number

  constructor(sizeMs: number, slideMs: number, offsetMs: number) {
    this.#sizeMs = sizeMs
    this.#slideMs = slideMs
    this.#paneMs = greatestCommonDivisor(sizeMs, slideMs)
    this.#offsetMs = offsetMs % slideMs
  }

  paneOf(eventTimeMs: number): Span {
    const start = Math.floor((eventTimeMs - this.#offsetMs) / this.#paneMs) * this.#paneMs + this.#offsetMs
    return { start, end: start + this.#paneMs }
  }

  windowsOf(paneStart: number): readonly Span[] {
    return this.windowsEnding(paneStart, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  }

  windowsEnding(paneStart: number, afterMs: number, upToMs: number): readonly Span[] {
    const windows: Span[] = []
    // A window that contains the pane ends after it begins.
    const first = this.#lastStartBy(Math.max(afterMs, paneStart) - this.#sizeMs) + this.#slideMs
    const last = this.#lastStartBy(Math.min(upToMs - this.#sizeMs, paneStart))
    for (let start = first; start <= last; start += this.#slideMs) windows.push({ start, end: start + this.#sizeMs })
    return windows
  }

  lastEndOf(paneStart: number): number {
    return this.#lastStartBy(paneStart) + this.#sizeMs
  }

  /** The greatest start of a window that is not after a time. */
  #lastStartBy(ms: number): number {
    return Math.floor((ms - this.#offsetMs) / this.#slideMs) * this.#slideMs + this.#offsetMs
  }

  windowAt(windowStart: number): Span {
    return { start: windowStart, end: windowStart + this.#sizeMs }
  }

  panesIn({ start, end }: Span): readonly number[] {
    const starts: number[] = []
    for (let pane = start; pane < end; pane += this.#paneMs) starts.push(pane)
    return starts
  }

  paneCount({ start, end }: Span): number {
    return (end - start) / this.#paneMs
  }
}

/** Local periods (semantics 3.3): the pane is the window. */
class CalendarPanes implements WindowPanes {
  readonly #unit: CalendarUnit
  readonly #timeZone: string
  #last: Span = { start: 0, end: 0 }

  constructor(unit: CalendarUnit, timeZone: string) {
    this.#unit = unit
    this.#timeZone = timeZone
  }

  paneOf(eventTimeMs: number): Span {
    if (eventTimeMs < this.#last.start || eventTimeMs >= this.#last.end) this.#last = this.#periodAt(eventTimeMs)
    return this.#last
  }

  windowsOf(paneStart: number): readonly Span[] {
    return [this.paneOf(paneStart)]
  }

  windowsEnding(paneStart: number, afterMs: number, upToMs: number): readonly Span[] {
    return this.windowsOf(paneStart).filter(({ end }) => end > afterMs && end <= upToMs)
  }

  lastEndOf(paneStart: number): number {
    return this.paneOf(paneStart).end
  }

  windowAt(windowStart: number): Span {
    return this.paneOf(windowStart)
  }

  panesIn({ start }: Span): readonly number[] {
    return [start]
  }

  paneCount(): number {
    return 1
  }

  #periodAt(instantMs: number): Span {
    const rules = zoneRules(this.#timeZone)
    const localDate = Math.floor((instantMs + rules.offsetMsAt(instantMs)) / DAY_MS)
    // The clock may show a date that has not begun for good, or one that began before it was set back: look one period around.
    let first = nextPeriod(firstDateOf(localDate, this.#unit), this.#unit)
    while (rules.firstInstantOfDate(first) > instantMs) first = firstDateOf(first - 1, this.#unit)
    let next = nextPeriod(first, this.#unit)
    while (rules.firstInstantOfDate(next) <= instantMs) {
      first = next
      next = nextPeriod(next, this.#unit)
    }
    return { start: rules.firstInstantOfDate(first), end: rules.firstInstantOfDate(next) }
  }
}

/** First date of the period that holds a date; dates are days since 1970-01-01, a Thursday. */
function firstDateOf(date: number, unit: CalendarUnit): number {
  if (unit === 'day') return date
  if (unit === 'week') return date - ((((date + 3) % 7) + 7) % 7)
  const day = new Date(date * DAY_MS)
  const month = unit === 'month' ? day.getUTCMonth() : unit === 'quarter' ? Math.floor(day.getUTCMonth() / 3) * 3 : 0
  return firstOfMonth(day.getUTCFullYear(), month)
}

function nextPeriod(first: number, unit: CalendarUnit): number {
  if (unit === 'day') return first + 1
  if (unit === 'week') return first + 7
  const day = new Date(first * DAY_MS)
  return firstOfMonth(day.getUTCFullYear(), day.getUTCMonth() + { month: 1, quarter: 3, year: 12 }[unit])
}

function firstOfMonth(year: number, month: number): number {
  const first = new Date(0)
  first.setUTCFullYear(year, month, 1)
  return first.getTime() / DAY_MS
}
