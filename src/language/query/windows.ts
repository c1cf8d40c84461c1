import { durationMs } from '#foundation/time/duration.ts'
import type { CalendarUnit, Window, WindowKind } from '../windows/window.ts'

/** A window as written in a query; a calendar window may still lack its zone, which the app gives it. */
export type WindowSpec =
  | Exclude<Window, { kind: 'calendar' }>
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit; readonly timeZone: string | null }

interface OffsetOptions {
  /** Shifts the starts of all windows. */
  readonly offset?: string
}

/** A window of one kind. */
type SpecOf<K extends WindowKind> = Extract<WindowSpec, { kind: K }>

const offsetMs = (options: OffsetOptions | undefined): number =>
  options?.offset === undefined ? 0 : durationMs(options.offset)

/** Windows of one length, one after the other: `tumbling('5 seconds')`. */
export const tumbling = (size: string, options?: OffsetOptions): SpecOf<'tumbling'> => ({
  kind: 'tumbling',
  sizeMs: durationMs(size),
  offsetMs: offsetMs(options),
})

/** Windows of one length that start every `slide`: `sliding('1 minute', '30 seconds')`. */
export const sliding = (size: string, slide: string, options?: OffsetOptions): SpecOf<'sliding'> => ({
  kind: 'sliding',
  sizeMs: durationMs(size),
  slideMs: durationMs(slide),
  offsetMs: offsetMs(options),
})

/** Windows of activity that end after `gap` without a record: `session('30 minutes')`. For `append`. */
export const session = (gap: string): SpecOf<'session'> => ({ kind: 'session', gapMs: durationMs(gap) })

/** Local days, weeks (from Monday), months, quarters or years, in the app's time zone or the one given. */
export const calendar = (unit: CalendarUnit, options?: { readonly timeZone?: string }): SpecOf<'calendar'> => ({
  kind: 'calendar',
  unit,
  timeZone: options?.timeZone ?? null,
})
