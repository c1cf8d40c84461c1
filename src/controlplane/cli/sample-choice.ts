import type { SampleOptions, StreamSample } from '#language/query/stream.ts'

/** What a command line says about a generated sample; the rest is the sample's own. */
export interface SampleChoice {
  readonly records?: number
  readonly seed?: number
  readonly date?: string
  /** Share of faulty records planted, 0 to 1. */
  readonly faults?: number
}

export const chosenSample = (
  { defaults }: StreamSample,
  { records, seed, date, faults }: SampleChoice,
): SampleOptions => ({
  ...defaults,
  ...(records !== undefined && { records }),
  ...(seed !== undefined && { seed }),
  ...(date !== undefined && { date }),
  ...(faults !== undefined && { faults }),
})
