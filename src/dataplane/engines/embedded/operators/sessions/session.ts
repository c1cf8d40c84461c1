/** A session of one group: [start, end) in epoch ms; its end is the time of its last record + gap. */
export interface Session {
  readonly group: number
  /** Where its aggregates stand. */
  readonly slot: number
  start: number
  end: number
  /** False once it is part of another one. */
  open: boolean
}
