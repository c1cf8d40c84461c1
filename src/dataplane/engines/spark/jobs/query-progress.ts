import type { RemoteBatch } from '../../remote-query.ts'
import { METRICS } from '../lowering/query.ts'

/** Spark's JSON of a batch, as far as it is read. What a version or a kind of query leaves out is undefined. */
interface Progress {
  readonly batchId: number
  /** ISO, when the trigger began. */
  readonly timestamp: string
  readonly batchDuration?: number
  readonly durationMs?: Readonly<Record<string, number>>
  readonly eventTime?: { readonly watermark?: string; readonly max?: string }
  readonly stateOperators?: readonly StateOperator[]
  readonly sources?: readonly SourceProgress[]
  readonly observedMetrics?: Readonly<Record<string, Observed>>
}

interface StateOperator {
  readonly numRowsTotal?: number
  readonly memoryUsedBytes?: number
  readonly numRowsDroppedByWatermark?: number
}

interface SourceProgress {
  /** JSON in a text; of Kafka offsets by topic and partition. */
  readonly endOffset?: string | null
  readonly latestOffset?: string | null
  readonly numInputRows?: number
  readonly inputRowsPerSecond?: number
  readonly processedRowsPerSecond?: number
}

/** Values in the order of the schema's fields. */
interface Observed {
  readonly values: readonly unknown[]
  readonly schema: { readonly fields: readonly { readonly name: string }[] }
}

/** A query without a watermark says so with the beginning of time. */
const NO_WATERMARK_MS = 0

/** The facts of a batch out of Spark's JSON of it. */
export function batchOf(json: unknown): RemoteBatch {
  const progress = json as Progress
  const { eventTime = {}, stateOperators = [], sources = [], durationMs = {}, observedMetrics = {} } = progress
  const ofState = (name: keyof StateOperator): number => sum(stateOperators.map((operator) => operator[name]))
  const ofSources = (name: 'numInputRows' | 'inputRowsPerSecond' | 'processedRowsPerSecond'): number =>
    sum(sources.map((source) => source[name]))
  const watermarkMs = timeOf(eventTime.watermark)
  const positions = sources.flatMap(({ endOffset }) => positionsOf(endOffset))
  const latest = sources.flatMap(({ latestOffset }) => positionsOf(latestOffset))
  const observed = Object.fromEntries(
    Object.entries(observedMetrics).map(([name, values]) => [name, figuresOf(values)]),
  )
  return {
    id: progress.batchId,
    atMs: Date.parse(progress.timestamp),
    inputRows: ofSources('numInputRows'),
    inputRowsPerSecond: ofSources('inputRowsPerSecond'),
    processedRowsPerSecond: ofSources('processedRowsPerSecond'),
    durationMs: progress.batchDuration ?? durationMs.triggerExecution ?? 0,
    partsMs: durationMs,
    watermarkMs: watermarkMs === NO_WATERMARK_MS ? null : watermarkMs,
    maxEventTimeMs: timeOf(eventTime.max) ?? observed[METRICS.accepted]?.greatest_event_time ?? null,
    stateRows: ofState('numRowsTotal'),
    stateBytes: ofState('memoryUsedBytes'),
    droppedGroups: ofState('numRowsDroppedByWatermark'),
    lag: latest.length === 0 ? null : readTo(latest) - readTo(positions),
    positions,
    observed,
  }
}

const timeOf = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text))

const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0)

/** Other sources than Kafka have offsets of another shape, which say nothing here. */
function positionsOf(text: string | null | undefined): RemoteBatch['positions'] {
  const offsets: unknown = text?.startsWith('{') ? JSON.parse(text) : null
  return Object.entries(offsets ?? {}).flatMap(([topic, partitions]) =>
    Object.entries((partitions ?? {}) as object)
      .filter(([, offset]) => typeof offset === 'number')
      .map(([partition, offset]) => ({ topic, partition: Number(partition), offset: offset as number })),
  )
}

const readTo = (positions: RemoteBatch['positions']): number => sum(positions.map(({ offset }) => offset))

const figuresOf = ({ values, schema }: Observed): Readonly<Record<string, number | null>> =>
  Object.fromEntries(
    schema.fields.map(({ name }, index) => {
      const value = values[index]
      return [name, typeof value === 'number' ? value : null]
    }),
  )
