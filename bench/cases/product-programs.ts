import type { MeasuredQueries } from '../workload/trip-apps.ts'
import type { Program } from './program.ts'

interface ProductOptions {
  readonly id: string
  readonly section: string
  readonly title: string
  readonly cores: number
  readonly queries?: MeasuredQueries
}

/** `bench/measured-job.ts`, in one of its kinds. */
function measuredJob(kind: 'in-memory' | 'full-path', { queries = 'four', ...options }: ProductOptions): Program {
  return {
    ...options,
    queries,
    lateness: 'per-window',
    command: (input, rows) => [
      process.execPath,
      'bench/measured-job.ts',
      kind,
      input,
      ...['--queries', queries, '--threads', String(options.cores), '--rows', rows],
    ],
  }
}

/** Decoding and queries, nothing on disk but the rows at the end. */
export const inMemory = (options: ProductOptions): Program => measuredJob('in-memory', options)

/** File, log that is synced, queries, committed results. */
export const fullPath = (options: ProductOptions): Program => measuredJob('full-path', options)
