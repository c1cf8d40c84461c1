/** From when on something is worth a sentence. */
export interface HealthThresholds {
  /** Share of a query's records in the last minute that were late, and how many there must have been. */
  readonly lateShare: number
  readonly lateRecords: number
  /** How long a window that should have closed may be without its rows. */
  readonly overdueMs: number
  /** How long the event time may stand still while records come. */
  readonly watermarkStuckMs: number
  /** How long a stream may be quiet while windows wait for it. */
  readonly quietMs: number
  /** How long a partition may be quiet while others are not. */
  readonly partitionIdleMs: number
  /** Records that a query may be behind its log, and how long. */
  readonly behindRecords: number
  readonly behindMs: number
  /** How long a job may leave records unread without reading any. */
  readonly notReadingMs: number
  /** How long a thread may leave a question unanswered, and take to start. */
  readonly silentMs: number
  readonly startingMs: number
  /** So many restarts of a thread in this time are too many. */
  readonly restarts: number
  readonly restartsMs: number
  /** Free bytes that the disk must have. */
  readonly diskReserveBytes: number
  /** Commits that the state file holds beside itself. */
  readonly stateWalBytes: number
  /** Share of its limit that a log may fill. */
  readonly logLimitShare: number
}

export const defaultThresholds: HealthThresholds = {
  lateShare: 0.5,
  lateRecords: 10,
  overdueMs: 30_000,
  watermarkStuckMs: 60_000,
  quietMs: 5 * 60_000,
  partitionIdleMs: 5 * 60_000,
  behindRecords: 100_000,
  behindMs: 60_000,
  notReadingMs: 30_000,
  silentMs: 10_000,
  startingMs: 60_000,
  restarts: 3,
  restartsMs: 10 * 60_000,
  diskReserveBytes: 1024 ** 3,
  stateWalBytes: 256 * 1024 ** 2,
  logLimitShare: 0.9,
}
