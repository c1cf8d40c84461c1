/** Where the time comes from. The only home of the wall clock; everything else is handed one. */
export interface Clock {
  /** Wall-clock time, epoch ms. */
  nowMs(): number
  /** Time since an arbitrary start that never goes back, for measuring. */
  monotonicMs(): number
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}
