import type { HistogramData } from '#foundation/observability/histogram.ts'
import type { AppFacts, PlatformFacts, QueryFacts, StreamFacts } from '../health/facts.ts'
import type { HealthReport } from '../health/health-report.ts'

/** What metrics are made of. */
export interface MetricInput {
  readonly facts: PlatformFacts
  readonly health: HealthReport
}

export type Labels = Readonly<Record<string, string>>

export interface Sample<Value> {
  readonly labels: Labels
  readonly value: Value
}

interface MetricBase {
  readonly name: string
  /** To somebody who sees it for the first time. No full stop at the end. */
  readonly help: string
  readonly labels: readonly string[]
  /** From when on it counts; gauges are as of now. */
  readonly counts?: 'since its thread started' | 'since the stream or query began'
}

/** Counters end in `_total`, times are in seconds, sizes in bytes. */
export type Metric =
  | (MetricBase & {
      readonly type: 'counter' | 'gauge'
      readonly samples: (input: MetricInput) => readonly Sample<number>[]
    })
  | (MetricBase & {
      readonly type: 'histogram'
      readonly samples: (input: MetricInput) => readonly Sample<HistogramData>[]
    })

/** A value for each app; null: there is none to give. */
export const perApp =
  <Value>(figureOf: (app: AppFacts) => Value | null) =>
  ({ facts }: MetricInput): readonly Sample<Value>[] =>
    facts.apps.flatMap((app) => sample({ app: app.app }, figureOf(app)))

export const perStream =
  <Value>(figureOf: (stream: StreamFacts) => Value | null) =>
  ({ facts }: MetricInput): readonly Sample<Value>[] =>
    facts.apps.flatMap(({ app, streams }) =>
      streams.flatMap((stream) => sample({ app, stream: stream.stream }, figureOf(stream))),
    )

export const perQuery =
  <Value>(figureOf: (query: QueryFacts, app: AppFacts) => Value | null) =>
  ({ facts }: MetricInput): readonly Sample<Value>[] =>
    facts.apps.flatMap((app) =>
      app.queries.flatMap((query) => sample({ app: app.app, query: query.query }, figureOf(query, app))),
    )

const sample = <Value>(labels: Labels, value: Value | null): readonly Sample<Value>[] =>
  value === null ? [] : [{ labels, value }]

/** Epoch ms as the epoch seconds that Prometheus wants; null for no time. */
export const epochSeconds = (ms: number | null | undefined): number | null =>
  ms == null || !Number.isFinite(ms) ? null : ms / 1000
