import { sha256 } from '#foundation/hash/sha256.ts'
import type { QueryPlan } from './plan.ts'

/**
 * Identifies what a query means: state made under one fingerprint is never read under another. Names and tables are not part of it,
 * so they can change without a rebuild; the time zone of the output is, since stored rows carry it.
 */
export const fingerprint = (query: QueryPlan, timeZone: string): string =>
  sha256(JSON.stringify(canonical([query.output, timeZone])))

/** The same value with the keys of its objects in order, so that equal plans have equal texts. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  )
}
