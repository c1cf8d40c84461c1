import fc from 'fast-check'
import { sparkCapabilities } from '#dataplane/engines/spark/capabilities.ts'
import type { AppPlan, QueryPlan } from '#language/plan/plan.ts'
import { nodesOf, sourceOf, windowAggregateOf } from '#language/plan/plan.ts'
import { unsupportedParts } from '#language/plan/unsupported-parts.ts'
import { arbitraryPlan } from '../golden/arbitrary-plan.ts'
import type { ScenarioStep } from './scenario.ts'

/** Random plans of one query with random records for them, for engines that are held against the oracle. */

export interface RandomHistory {
  readonly plan: AppPlan
  readonly end: 'as-stream'
  readonly inputs: Readonly<Record<string, readonly ScenarioStep[]>>
}

/** A record is in as many windows at most: rows are for reading. */
const WINDOWS_MAX = 12

function isTried({ output }: QueryPlan, plan: AppPlan): boolean {
  const window = windowAggregateOf(output)?.window
  const few = window?.kind !== 'sliding' || window.sizeMs / window.slideMs <= WINDOWS_MAX
  return (
    few && unsupportedParts({ ...plan, queries: [{ name: 'q', table: 'q', output }] }, sparkCapabilities).length === 0
  )
}

const plans: fc.Arbitrary<AppPlan> = arbitraryPlan
  .map((plan) => ({ ...plan, queries: plan.queries.filter((query) => isTried(query, plan)).slice(0, 1) }))
  .filter(({ queries }) => queries.length === 1)
  .map(withPlainFloats)

/**
 * Doubles of a few digits in the place of those in literals: before Java 19 the text of others is not always the shortest, and text shows in casts, in round and
 * in rows.
 */
function withPlainFloats(plan: AppPlan): AppPlan {
  const text = JSON.stringify(plan, (_, part: unknown) => {
    const { kind, type, value } = (part ?? {}) as { kind?: string; type?: { kind: string }; value?: unknown }
    const isFloat = kind === 'Literal' && (type?.kind === 'double' || type?.kind === 'float')
    return isFloat && typeof value === 'number' ? { kind, type, value: Math.round(Math.abs(value) % 4096) / 8 } : part
  })
  return JSON.parse(text) as AppPlan
}

const DAY_MS = 86_400_000
/** Around the change of Chicago's clocks in March and in November. */
const STARTS = ['2024-03-10T04:00:00Z', '2024-11-03T03:00:00Z', '1969-12-31T20:00:00Z'].map(Date.parse)

const eighths = fc.integer({ min: -40_000, max: 40_000 }).map((n) => n / 8)
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  a_string: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('', ' a ', 'ß', 'a|b%~', '"\\\n', '12.5'),
  ),
  a_int: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer()),
  a_long: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.maxSafeInteger()),
  a_float: eighths,
  a_double: eighths,
  a_boolean: fc.boolean(),
  a_decimal: fc
    .oneof(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -9_999_999, max: 9_999_999 }))
    .map((n) => n / 100),
  a_timestamp: fc.integer({ min: -DAY_MS * 365, max: DAY_MS * 30_000 }),
  a_date: fc.integer({ min: -400, max: 30_000 }).map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10)),
  a_uuid: fc.uuid(),
}

const values: fc.Arbitrary<object> = fc.record(
  Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [name, fc.option(value, { freq: 5 })])),
  { noNullPrototype: true },
)

/** So late that none of the event times is in the future. */
const ARRIVAL_MS = Date.UTC(2100, 0, 1)

/** Records of one step in the order of their event times. */
const step = (start: number, spreadMs: number): fc.Arbitrary<ScenarioStep> =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: spreadMs }), values), { minLength: 1, maxLength: 8 }).map((made) => ({
    records: [...made]
      .sort(([a], [b]) => a - b)
      .map(([after, fields]) => {
        const value = JSON.stringify({ at: start + after, ...fields })
        return { partition: 0, arrival: ARRIVAL_MS, value, bytes: new TextEncoder().encode(value) }
      }),
  }))

/** A stream on Spark has its watermark at 1970 from the beginning; what deduplicates is run as one in any case. */
function starts({ queries }: AppPlan, steps: number): fc.Arbitrary<number> {
  const isStreamed = steps > 1 || nodesOf(queries[0]!.output).some(({ kind }) => kind === 'Deduplicate')
  return fc.constantFrom(...STARTS.filter((start) => start > 0 || !isStreamed))
}

/** `steps`: how many there are at least and at most. */
export const arbitraryHistory = (steps: { readonly min: number; readonly max: number }): fc.Arbitrary<RandomHistory> =>
  plans
    .chain((plan) =>
      fc.tuple(fc.constant(plan), starts(plan, steps.max), fc.constantFrom(10_000, DAY_MS / 4, 20 * DAY_MS)),
    )
    .chain(([plan, start, spreadMs]) =>
      fc
        .array(step(start, spreadMs), { minLength: steps.min, maxLength: steps.max })
        .map((made) => ({ plan, end: 'as-stream', inputs: { [sourceOf(plan.queries[0]!.output).stream]: made } })),
    )
