import type { RowComparison } from '../expected/compare-rows.ts'
import type { LatenessRule } from '../expected/lateness.ts'
import type { Machine } from '../measuring/machine.ts'

export type Unit = 'CPU-s/M' | 'records/s' | 'MB/s' | 'MB' | 'ms' | 's' | 'x' | '%'

/** One measured number. */
export interface Figure {
  /** Stable, as figures of two reports are matched by it: `full-path.one-core.cpu`. */
  readonly id: string
  readonly section: string
  readonly title: string
  readonly unit: Unit
  readonly better: 'lower' | 'higher'
  /** The median of the samples. */
  readonly value: number
  readonly samples: readonly number[]
}

/** The rows of a measured program held against those expected. */
export interface RowCheck {
  readonly title: string
  readonly lateness: LatenessRule
  readonly records: number
  readonly comparison: RowComparison
}

export type Mode = 'full' | 'quick'

export interface Report {
  readonly machine: Machine
  readonly commit: string | null
  /** ISO 8601. */
  readonly startedAt: string
  readonly mode: Mode
  /** Of the large input. */
  readonly records: number
  /** Whether programs were held to their cores. */
  readonly pinned: boolean
  /** What other programs took of the machine, as a share of all cores: before anything was measured, and the median while programs were. */
  readonly othersShare: { readonly atStart: number; readonly during: number }
  readonly figures: readonly Figure[]
  readonly checks: readonly RowCheck[]
  readonly notMeasured: readonly NotMeasured[]
  /** Sentences on what was measured. */
  readonly remarks?: readonly string[]
}

export interface NotMeasured {
  readonly title: string
  readonly reason: string
  /** Whether that is a fault, and not a program that nobody installed. */
  readonly failed: boolean
}
