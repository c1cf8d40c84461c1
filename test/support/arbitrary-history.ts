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

/** Others run as one batch each, or few; those that deduplicate take many. */
const DEDUPLICATING_ONE_IN = 3

const deduplicates = ({ queries }: AppPlan): boolean =>
  queries.some(({ output }) => nodesOf(output).some(({ kind }) => kind === 'Deduplicate'))

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
  .chain((plan) => fc.tuple(fc.constant(plan), fc.integer({ min: 1, max: DEDUPLICATING_ONE_IN })))
  .filter(([plan, chance]) => chance === 1 || !deduplicates(plan))
  .map(([plan]) => withPlainFloats(plan))

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
const step = (start: number, spreadMs: number, fieldsOf: fc.Arbitrary<object>): fc.Arbitrary<ScenarioStep> =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: spreadMs }), fieldsOf), { minLength: 1, maxLength: 8 }).map((made) => ({
    records: [...made]
      .sort(([a], [b]) => a - b)
      .map(([after, fields]) => {
        const value = JSON.stringify({ at: start + after, ...fields })
        return { partition: 0, arrival: ARRIVAL_MS, value, bytes: new TextEncoder().encode(value) }
      }),
  }))

interface Steps {
  /** How many there are at least and at most. */
  readonly min: number
  readonly max: number
}

const historyOf = (plan: AppPlan, start: number, spreadMs: number, { min, max }: Steps, fieldsOf = values) =>
  fc.array(step(start, spreadMs, fieldsOf), { minLength: min, maxLength: max }).map(
    (made): RandomHistory => ({
      plan,
      end: 'as-stream',
      inputs: { [sourceOf(plan.queries[0]!.output).stream]: made },
    }),
  )

/** A stream on Spark has its watermark at 1970 from the beginning; what deduplicates is run as one in any case. */
function starts(plan: AppPlan, steps: number): fc.Arbitrary<number> {
  const isStreamed = steps > 1 || deduplicates(plan)
  return fc.constantFrom(...STARTS.filter((start) => start > 0 || !isStreamed))
}

export const arbitraryHistory = (steps: Steps): fc.Arbitrary<RandomHistory> =>
  plans
    .chain((plan) =>
      fc.tuple(fc.constant(plan), starts(plan, steps.max), fc.constantFrom(10_000, DAY_MS / 4, 20 * DAY_MS)),
    )
    .chain(([plan, start, spreadMs]) => historyOf(plan, start, spreadMs, steps))

const remembers = (plan: AppPlan): boolean =>
  deduplicates(plan) || plan.queries.some(({ output }) => windowAggregateOf(output)?.window.kind === 'session')

/** The same plan, its watermark and its gap of these lengths. */
function withLengths(plan: AppPlan, delayMs: number, gapMs: number): AppPlan {
  const text = JSON.stringify(plan, (name, value: unknown) =>
    name === 'watermarkDelayMs' ? delayMs : name === 'gapMs' ? gapMs : value,
  )
  return JSON.parse(text) as AppPlan
}

/** Plans with sessions or deduplication, over records that repeat each other, some of them late, some of sessions that are past. */
export const arbitraryRepeatingHistory = (steps: Steps): fc.Arbitrary<RandomHistory> =>
  plans
    .filter(remembers)
    .chain((plan) =>
      fc.tuple(
        fc.constant(plan),
        fc.constantFrom(...STARTS.filter((start) => start > 0)),
        fc.constantFrom(10_000, DAY_MS / 4),
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 2, max: 20 }),
        fc.array(values, { minLength: 1, maxLength: 3 }),
      ),
    )
    .chain(([plan, start, spreadMs, delays, gaps, pool]) =>
      historyOf(
        withLengths(plan, Math.floor(spreadMs / delays), Math.floor(spreadMs / gaps)),
        start,
        spreadMs,
        steps,
        fc.constantFrom(...pool),
      ),
    )
