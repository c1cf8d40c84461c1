import { durationText } from '#foundation/time/duration.ts'
import {
  type AppPlan,
  aggregateCallsOf,
  type BadRecordPolicy,
  nodesOf,
  type OutputNode,
  type QueryPlan,
  sourceOf,
  type WindowAggregateNode,
  windowAggregateOf,
} from '#language/plan/plan.ts'
import { unsupportedParts } from '#language/plan/unsupported-parts.ts'
import { typeName } from '#language/schemas/field-types.ts'
import { sparkCapabilities } from '../capabilities.ts'
import { lowerExpression } from './expressions.ts'
import { sql } from './messages.ts'
import { fieldScope, lowerNode } from './nodes.ts'
import { goesByWatermark, lowerQuery } from './query.ts'
import { relationLines } from './relation-text.ts'
import { isBinaryFloat } from './typed-sql.ts'

/** What each query of an app is on Spark: its relation, where answers differ from the platform's rules, and what it costs. Stable text. */
export function explainOnSpark(plan: AppPlan): string {
  const refused = new Set(unsupportedParts(plan, sparkCapabilities).map(({ query }) => query))
  const lowered = plan.queries.filter(({ name }) => !refused.has(name))
  return [...lowered.map((query) => explainQuery(plan, query)), costText(plan)].join('\n')
}

/** Stands for the topic: the steps are the same wherever records come from. */
const ANY_RECORDS = { relation: sql(''), hasWatermark: true }

function explainQuery(plan: AppPlan, query: QueryPlan): string {
  const { output } = query
  const { relation, outputMode } = lowerQuery(plan, query, { records: ANY_RECORDS.relation, lateness: 'watermark' })
  const lines = [...sourceLines(output), ...relationLines(relation)]
  const instead = output.mode === outputMode ? '' : ` (the query's is ${output.mode})`
  return [
    `on Spark: ${plan.name}.${query.name}, output mode ${outputMode}${instead}`,
    ...lines.map((line) => `  ${line}`),
    ...differences(output).map((line) => `  differs: ${line}`),
    '',
  ].join('\n')
}

/** What comes before the query's own steps is the same for each query of a stream. */
function sourceLines(output: OutputNode): readonly string[] {
  const { stream, schema, maxFutureSkewMs, watermarkDelayMs, badRecords } = sourceOf(output)
  const fields = schema.fields.map(({ name, type }) => `${name} ${typeName(type)}`).join(', ')
  const future =
    maxFutureSkewMs === null ? [] : [`and none more than ${durationText(maxFutureSkewMs)} ahead of its arrival`]
  const watermark =
    watermarkDelayMs === null || !goesByWatermark(output)
      ? []
      : [`watermark on event_time, ${durationText(watermarkDelayMs)} behind`]
  return [
    `read the topic of ${stream}, read_committed`,
    "read each record of JSON by Spark's own reader where its answer is certain, else as VARIANT, field by field by the rules of the platform",
    "read each record of Avro by its writer's schema (from_avro); the query is started again when it meets the id of a schema for the first time",
    `fields: ${fields}`,
    BAD_RECORDS[badRecords],
    'count records, and rejected ones by reason and field (observed metrics)',
    ['keep records without fault', ...future].join(', '),
    ...watermark,
    'count accepted records (observed metrics; no filter is moved over this)',
  ]
}

const BAD_RECORDS: { readonly [P in BadRecordPolicy]: string } = {
  'dead-letter': 'rejected records are kept as dead letters, by one more query for each stream',
  skip: 'rejected records are counted, and not kept',
  fail: 'the first rejected record ends the query with an error that names it, and again whenever it is started',
}

/** Section 9 of the semantics, as far as it touches a query. */
function differences(output: OutputNode): readonly string[] {
  const window = windowAggregateOf(output)
  const deduplicates = nodesOf(output).some(({ kind }) => kind === 'Deduplicate')
  const lateness =
    deduplicates || (window !== undefined && output.mode !== 'complete')
      ? [
          'lateness goes by batch and by the greatest event time of all partitions; late records are counted by group, and not kept',
        ]
      : []
  return [
    ...lateness,
    ...(deduplicates
      ? ['keys live until the watermark of a batch has passed them, and the first record of a key is that of a batch']
      : []),
    ...(window?.window.kind === 'session'
      ? ['a session is extended until the watermark of a batch has passed it']
      : []),
    ...(output.mode === 'complete' && output.keepMs !== null ? ['rows stay for ever, as does their state'] : []),
    ...(window !== undefined && sumsBinaryFloats(window) ? ['sums of doubles are not compensated'] : []),
  ]
}

function sumsBinaryFloats({ input, columns }: WindowAggregateNode): boolean {
  const scope = fieldScope(lowerNode(input, ANY_RECORDS).columns)
  return aggregateCallsOf(columns).some(
    ({ function: name, argument }) =>
      (name === 'sum' || name === 'avg') && argument !== null && isBinaryFloat(lowerExpression(argument, scope).type),
  )
}

/** Measured on two cores that others kept busy: processor time of Spark's tasks over 20,000 trips of 24 fields, of which 9 were doubtful. */
const STRICTNESS =
  "Checking that Spark's own reader gave what the rules give costs about four times what that reader alone costs; a record for which that is not certain costs many times more."

function costText({ queries }: AppPlan): string {
  const share =
    queries.length === 1
      ? 'The query reads and parses the topic by itself.'
      : `Each of the ${queries.length} queries reads and parses the topic by itself: Spark shares nothing between them, so ${queries.length} cost ${queries.length} times what one does.`
  return [
    share,
    STRICTNESS,
    'A result is seen after a batch at the earliest, and a batch takes about 0.4 s however little is in it.',
    '',
  ].join('\n')
}
