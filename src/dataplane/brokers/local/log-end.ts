/** How far a partition goes: the offset after its last record, and its greatest event time, idle marks included. */
export interface LogEnd {
  readonly offset: number
  readonly maxEventTime: number
  /** Without the marks after the last batch. */
  readonly maxEventTimeReceived: number
  /** Of the last batch; null when the segment has none. */
  readonly lastArrivalMs: number | null
}

export const EMPTY_LOG: LogEnd = {
  offset: 0,
  maxEventTime: Number.NEGATIVE_INFINITY,
  maxEventTimeReceived: Number.NEGATIVE_INFINITY,
  lastArrivalMs: null,
}
