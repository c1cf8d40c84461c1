import type { SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import {
  type AppPlan,
  nodesOf,
  type QueryPlan,
  type SourceNode,
  sourceOf,
  streamsOf,
  windowAggregateOf,
} from '#language/plan/plan.ts'
import type { TypeKind } from '#language/schemas/field-types.ts'
import type { Window } from '#language/windows/window.ts'
import { acceptedRecords } from './accepted-records.ts'
import type { Actual } from './expected-results.ts'
import type { ScenarioStep } from './scenario.ts'
import { type PlacedRecord, placed, runAsBatch, runAsStream, type SparkRow } from './spark-runs.ts'

/** A history as scenarios have it; what is late in it is not looked at, since Spark tells of groups, not of records. */
export interface SparkHistory {
  readonly plan: AppPlan
  readonly end: 'bounded' | 'as-stream' | 'open'
  readonly inputs: Readonly<Record<string, readonly ScenarioStep[]>>
}

/**
 * Results of Spark. Queries whose answer depends on what came before what run as streams, a batch for each ascending run of event times: then Spark's watermark, which
 * moves between batches, is that of the rules, which moves with each record. The others run as one batch.
 */
export async function runOnSpark(session: SparkSession, history: SparkHistory, folder: string): Promise<Actual> {
  const { plan, end, inputs } = history
  const input = Object.fromEntries(
    [...streamsOf(plan).keys()].map((stream) => [
      stream,
      placed((inputs[stream] ?? []).flatMap(({ records }) => records)),
    ]),
  )
  const streamed = new Map<string, readonly SparkRow[]>()
  for (const query of plan.queries) {
    const steps = stepsOf(query, history, input[sourceOf(query.output).stream]!)
    if (steps !== null) streamed.set(query.name, await runAsStream(session, { plan, query }, steps, folder))
  }
  const whole = plan.queries.filter(({ name }) => !streamed.has(name))
  const { queries, deadLetters } = await runAsBatch(session, { plan, queries: whole }, input, end !== 'bounded')
  const rows = (name: string): readonly SparkRow[] => streamed.get(name) ?? queries[name]!
  const streams = Object.entries(deadLetters).map(([stream, letters]) => {
    const read = input[stream]!.filter(({ bytes }) => bytes.length > 0).length
    const rejected = letters.length
    const kept = streamsOf(plan).get(stream)!.badRecords === 'dead-letter' ? letters : []
    return [stream, { read, accepted: read - rejected, rejected, deadLetters: [...kept].sort(byPlace) }] as const
  })
  return {
    queries: Object.fromEntries(plan.queries.map(({ name }) => [name, resultOf(rows(name))])),
    streams: Object.fromEntries(streams),
  }
}

interface Place {
  readonly partition: number
  readonly offset: number
}
const byPlace = (a: Place, b: Place): number => a.partition - b.partition || a.offset - b.offset

const resultOf = (rows: readonly SparkRow[]) => ({
  rows: rows.map(({ row }) => row),
  keys: rows.map(({ key }) => key),
  late: 0,
  lateRecords: [],
})

/** The batches of a query that has to run as a stream; null for one whose answer is that over the whole input. */
function stepsOf(
  { output }: QueryPlan,
  { end, inputs }: SparkHistory,
  input: readonly PlacedRecord[],
): readonly (readonly PlacedRecord[])[] | null {
  const [source, window] = [sourceOf(output), windowAggregateOf(output)?.window]
  const delayMs = source.watermarkDelayMs
  const deduplicates = nodesOf(output).some(({ kind }) => kind === 'Deduplicate')
  const closes = window !== undefined && output.mode !== 'complete'
  if (delayMs === null || end === 'bounded' || !(closes || deduplicates)) return null
  const records = inputs[source.stream] ?? []
  const times = new Map(
    acceptedRecords(source, records, true).map(({ partition, offset, values }) => [
      `${partition}|${offset}`,
      values[source.eventTime] as number,
    ]),
  )
  const timeOf = ({ partition, offset }: PlacedRecord): number | undefined => times.get(`${partition}|${offset}`)
  const ascending = ascendingRuns(input, timeOf)
  const runs = deduplicates ? ascending.flatMap(runsOfOneLife(timeOf, delayMs)) : ascending
  const closesOnly = end === 'open' && output.mode === 'append'
  if (runs.length < 2 && !closesOnly && !deduplicates) return null
  if (closesOnly || output.mode !== 'append' || window === undefined) return runs
  return [...runs, [flush(source, window, Math.max(...times.values()))]]
}

function ascendingRuns(
  input: readonly PlacedRecord[],
  timeOf: (record: PlacedRecord) => number | undefined,
): readonly (readonly PlacedRecord[])[] {
  const runs: PlacedRecord[][] = [[]]
  let greatest = Number.NEGATIVE_INFINITY
  for (const record of input) {
    const time = timeOf(record) ?? greatest
    if (time < greatest) runs.push([])
    if (time < greatest) greatest = time
    greatest = Math.max(greatest, time)
    runs.at(-1)!.push(record)
  }
  return runs
}

/** Cuts an ascending run where a record would be late for deduplication, or a key may have lived, had the watermark stayed as the run began. */
function runsOfOneLife(
  timeOf: (record: PlacedRecord) => number | undefined,
  delayMs: number,
): (run: readonly PlacedRecord[]) => readonly (readonly PlacedRecord[])[] {
  const seen: number[] = []
  let watermark = Number.NEGATIVE_INFINITY
  return (run) => {
    const runs: PlacedRecord[][] = [[]]
    for (const record of run) {
      const time = timeOf(record)
      const now = Math.max(...seen) - delayMs
      const isChanged =
        seen.some((first) => first + delayMs > watermark && first + delayMs <= now) || (time ?? now + 1) <= now
      if (isChanged && runs.at(-1)!.length > 0) runs.push([])
      if (runs.at(-1)!.length === 0) watermark = now
      runs.at(-1)!.push(record)
      if (time !== undefined) seen.push(time)
    }
    return runs
  }
}

const DAY_MS = 86_400_000
const EXAMPLES: { readonly [K in TypeKind]: string | number | boolean } = {
  string: '',
  int: 0,
  long: 0,
  float: 0,
  double: 0,
  boolean: false,
  decimal: 0,
  timestamp: 0,
  date: '1970-01-01',
  uuid: '00000000-0000-0000-0000-000000000000',
}

/** A record so far ahead that every window of the others closes. Its own stay open, and append does not show them. */
function flush(source: SourceNode, window: Window, lastMs: number): PlacedRecord {
  const lengthMs = 'sizeMs' in window ? window.sizeMs : 'gapMs' in window ? window.gapMs : 400 * DAY_MS
  const time = lastMs + lengthMs + (source.watermarkDelayMs ?? 0) + DAY_MS
  const values = source.schema.fields.map(({ name, type }) => [
    name,
    name === source.eventTime ? time : EXAMPLES[type.kind],
  ])
  const bytes = new TextEncoder().encode(JSON.stringify(Object.fromEntries(values)))
  return { partition: 0, offset: 1_000_000, arrival: time, bytes }
}
