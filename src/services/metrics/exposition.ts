import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client'
import { type HistogramData, valueCount } from '#foundation/observability/histogram.ts'
import type { Labels, Metric, MetricInput, Sample } from './metric.ts'
import { metrics } from './metrics.ts'

/** A value as `Registry.getMetricsAsJSON` has it. */
interface PromValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Where it is not the name of the metric. */
  readonly metricName?: string
}

/** Gauges that are named like counters, which tools refuse; the same figures are there by kind under other names. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** What the process itself uses. One for each process, however many servers it has. */
let processRegistry: Registry | null = null

function processMetrics(): Registry {
  if (processRegistry === null) {
    processRegistry = new Registry()
    collectDefaultMetrics({ register: processRegistry })
    for (const name of MISNAMED) processRegistry.removeSingleMetric(name)
  }
  return processRegistry
}

/** The media type that `expositionText` is of. */
export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/** All metrics in the text form that Prometheus reads. */
export async function expositionText(input: MetricInput): Promise<string> {
  // The way of prom-client to write figures that were counted elsewhere: here they come from threads.
  const own = metrics.map((metric) => promMetric(metric, input))
  const all = AggregatorRegistry.aggregate([own, await processMetrics().getMetricsAsJSON()])
  return all.metrics()
}

const promMetric = (metric: Metric, input: MetricInput) => ({
  name: metric.name,
  help: metric.help,
  type: metric.type,
  aggregator: 'first',
  values:
    metric.type === 'histogram'
      ? metric.samples(input).flatMap((sample) => histogramValues(metric.name, sample))
      : metric.samples(input),
})

function histogramValues(name: string, { labels, value }: Sample<HistogramData>): readonly PromValue[] {
  let below = 0
  const buckets = value.bounds.map((le, bucket) => {
    below += value.counts[bucket]!
    return bucketValue(name, labels, le, below)
  })
  const count = valueCount(value)
  return [
    ...buckets,
    bucketValue(name, labels, '+Inf', count),
    { metricName: `${name}_sum`, labels, value: value.sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}

const bucketValue = (name: string, labels: Labels, le: number | string, value: number): PromValue => ({
  metricName: `${name}_bucket`,
  labels: { ...labels, le },
  value,
})
