import type { AppFacts, PlatformFacts } from './facts.ts'

/** What a check found: one thing that is wrong. */
export interface Observation {
  /** The stream, query or thread it is about, so that two of them are told apart; absent where there is only one. */
  readonly subject?: string
  /** `degraded` when absent: it limps. `failed`: it does not work any more until somebody does something. */
  readonly severity?: 'degraded' | 'failed'
  /** What is wrong, to a person: figures with units, names of streams and queries. No full stop at the end. */
  readonly sentence: string
  /** What to do, as a full sentence. */
  readonly action: string
}

/** A check looks at facts and nothing else, so it can be tested by itself. */
export interface AppCheck {
  /** Stable name, for alerts and searches. */
  readonly code: string
  find(facts: AppFacts): readonly Observation[]
}

export interface PlatformCheck {
  readonly code: string
  find(facts: PlatformFacts): readonly Observation[]
}

/** An observation with its code, and since when it holds. */
export interface Finding extends Required<Omit<Observation, 'subject'>> {
  readonly code: string
  readonly subject: string | null
  /** Epoch ms; when the platform first saw it. */
  readonly sinceMs: number
}
