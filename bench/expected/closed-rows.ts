import { type MeasuredQueries, measuredQueries } from '../workload/trip-apps.ts'
import { queryOf, type ResultRows, windowStartOf } from './result-row.ts'

/** Rows that are there while the stream goes on: of `append` queries only those of windows that the watermark has reached. */
export function closedRows(rows: ResultRows, queries: MeasuredQueries, watermarkMs: number): ResultRows {
  const byName = new Map(measuredQueries[queries].map((query) => [query.name, query]))
  return new Map(
    [...rows].filter(([key]) => {
      const { mode, window } = byName.get(queryOf(key))!
      return mode !== 'append' || window.kind === 'day' || windowStartOf(key) + window.sizeMs <= watermarkMs
    }),
  )
}
