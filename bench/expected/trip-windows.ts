import type { TripWindow } from '../workload/trip-queries.ts'

export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** The windows that hold an event time, latest first. */
export function windowsOf(window: TripWindow, timeMs: number): readonly Span[] {
  if (window.kind === 'day') return [localDay(timeMs)]
  const spans: Span[] = []
  const { sizeMs, slideMs } = window
  for (let startMs = timeMs - (timeMs % slideMs); startMs > timeMs - sizeMs; startMs -= slideMs)
    spans.push({ startMs, endMs: startMs + sizeMs })
  return spans
}

const wallClock = new Intl.DateTimeFormat('en-US', { timeZone: 'America/Chicago', timeZoneName: 'longOffset' })

/** How far Chicago's clocks are ahead of UTC at this instant, ms. */
function offsetMs(timeMs: number): number {
  const name = wallClock.formatToParts(timeMs).find(({ type }) => type === 'timeZoneName')!.value
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name)!
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

const DAY_MS = 86_400_000
let latestDay: Span = { startMs: 0, endMs: 0 }

/** Chicago changes its clocks at two in the morning, so the midnights of a day are found by the offset half an hour before and after. */
function localDay(timeMs: number): Span {
  if (latestDay.startMs <= timeMs && timeMs < latestDay.endMs) return latestDay
  const localMs = timeMs + offsetMs(timeMs)
  const localMidnightMs = localMs - (localMs % DAY_MS)
  latestDay = { startMs: instantOf(localMidnightMs), endMs: instantOf(localMidnightMs + DAY_MS) }
  return latestDay
}

function instantOf(localMidnightMs: number): number {
  const guessMs = localMidnightMs - offsetMs(localMidnightMs)
  return localMidnightMs - offsetMs(guessMs)
}
