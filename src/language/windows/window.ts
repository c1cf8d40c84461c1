/**
 * How event time is cut into windows [start, end). All lengths in ms.
 * A sliding window starts at every multiple of `slideMs` plus `offsetMs` (from the epoch, UTC); a record is in size / slide of them.
 * A calendar window starts at the first instant of its local date, in `timeZone`; weeks begin on Monday.
 */
export type Window =
  | { readonly kind: 'tumbling'; readonly sizeMs: number; readonly offsetMs: number }
  | { readonly kind: 'sliding'; readonly sizeMs: number; readonly slideMs: number; readonly offsetMs: number }
  | { readonly kind: 'session'; readonly gapMs: number }
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit; readonly timeZone: string }

export type WindowKind = Window['kind']
export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year'
