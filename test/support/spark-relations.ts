import type { RelationInit } from '#dataplane/engines/spark/connect/spark-session.ts'
import type { AskedQuery } from '#dataplane/engines/spark/jobs/running-queries.ts'

/** Any expression of Spark SQL, under a name where one is given. */
const sql = (expression: string, name?: string) => {
  const expr = { exprType: { case: 'expressionString' as const, value: { expression } } }
  return name === undefined ? expr : { exprType: { case: 'alias' as const, value: { expr, name: [name] } } }
}

const project = (input: RelationInit, ...expressions: readonly ReturnType<typeof sql>[]): RelationInit => ({
  relType: { case: 'project', value: { input, expressions: [...expressions] } },
})

export interface NumbersQuery {
  readonly server: string
  readonly topic: string
  /** Of the numbers in each window of five seconds. */
  readonly aggregate?: string
  /** One bad record ends the query. */
  readonly failsFast?: boolean
}

/** Records `{"at":<epoch s>,"v":<int>}` of a topic, an aggregate for each five seconds, in update mode, written by hand. */
export function numbersQuery(wanted: NumbersQuery): AskedQuery['start'] {
  const { server, topic, aggregate = 'sum(v)', failsFast = false } = wanted
  const options = { 'kafka.bootstrap.servers': server, subscribe: topic, startingOffsets: 'earliest' }
  const dataSource = { format: 'kafka', options }
  const read: RelationInit = {
    relType: { case: 'read', value: { isStreaming: true, readType: { case: 'dataSource', value: dataSource } } },
  }
  const mode = failsFast ? ", map('mode', 'FAILFAST')" : ''
  const parsed = project(read, sql(`from_json(cast(value as string), 'at BIGINT, v INT'${mode})`, 'r'))
  const rows = project(parsed, sql('r.*'), sql('timestamp_seconds(r.at)', 'time'))
  const metrics = [sql('count(*)', 'records'), sql('count_if(v is null)', 'broken'), sql('max(time)', 'latest')]
  const observed: RelationInit = { relType: { case: 'collectMetrics', value: { input: rows, name: 'seen', metrics } } }
  const watermark = { input: observed, eventTime: 'time', delayThreshold: '2 seconds' }
  const grouped: RelationInit = {
    relType: {
      case: 'aggregate',
      value: {
        input: { relType: { case: 'withWatermark', value: watermark } },
        groupType: 1,
        groupingExpressions: [sql("window(time, '5 seconds')", 'span')],
        aggregateExpressions: [sql(aggregate, 'result')],
      },
    },
  }
  const input = project(
    grouped,
    sql('cast(unix_seconds(span.start) as string)', 'key'),
    sql('to_json(struct(result))', 'value'),
  )
  return { input, outputMode: 'update', format: 'kafka', options: { 'kafka.bootstrap.servers': server } }
}
