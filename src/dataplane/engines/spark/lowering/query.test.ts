import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { app } from '#language/query/app.ts'
import { count, sum } from '#language/query/expressions.ts'
import { decimal, schema, string, timestamp } from '#language/query/fields.ts'
import { stream } from '#language/query/stream.ts'
import { calendar, session, tumbling } from '#language/query/windows.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { explainOnSpark } from './explain.ts'
import { lowerForKafka } from './kafka-query.ts'
import { lowerQuery } from './query.ts'
import { NO_WRITERS } from './record-writers.ts'
import { relationLines } from './relation-text.ts'

/** The lowering on Spark itself: test/spark. */

const trips = stream('trips', {
  schema: schema('trip', { at: timestamp(), fare: decimal(10, 2).nullable(), company: string().nullable() }),
  eventTime: 'at',
  watermark: '10 seconds',
})
const fares = trips.filter((trip) => trip.fare.isNotNull()).window(tumbling('5 seconds'))
const taxis = app(
  'taxis',
  { timeZone: 'America/Chicago' },
  {
    fares: fares.aggregate({ total: sum('fare') }).output('append'),
    days: trips.window(calendar('day')).aggregate({ n: count() }).output('complete'),
    raw: trips.select((trip) => ({ company: trip.company })).output('append'),
  },
).plan
const query = (name: string) => taxis.queries.find((one) => one.name === name)!

const RECORDS: RelationInit = { relType: { case: 'sql', value: { query: 'records' } } }

/** The kinds of messages of a relation, the source first. */
function kinds(relation: RelationInit): readonly string[] {
  const found: string[] = []
  for (let node: RelationInit | undefined = relation; node !== undefined; ) {
    const { case: kind, value } = node.relType as { case: string; value: { input?: RelationInit } }
    if (kind !== found[0]) found.unshift(kind)
    node = value.input
  }
  return found
}

describe('a query lowered to Spark', () => {
  it('reads and counts records, then the watermark, then counts again, then its own steps', () => {
    const { relation, outputMode } = lowerQuery(taxis, query('fares'), { records: RECORDS, lateness: 'watermark' })
    assert.equal(outputMode, 'append')
    assert.deepEqual(kinds(relation), [
      ...['sql', 'filter', 'withColumns', 'collectMetrics', 'filter', 'project'],
      ...['withWatermark', 'collectMetrics'],
      ...['filter', 'withColumns', 'aggregate', 'project'],
    ])
  })

  it('has no watermark, and no end of windows that Spark compares with one, over bounded input and where it is complete', () => {
    const bounded = lowerQuery(taxis, query('fares'), { records: RECORDS, lateness: 'none' })
    const complete = lowerQuery(taxis, query('days'), { records: RECORDS, lateness: 'watermark' })
    for (const { relation } of [bounded, complete]) {
      assert.ok(!kinds(relation).includes('withWatermark'))
      assert.ok(!relationLines(relation).some((line) => line.includes('watermarkDelayMs')))
    }
    assert.equal(complete.outputMode, 'update')
  })

  it('marks the end of each window as event time where there is a watermark', () => {
    const { relation } = lowerQuery(taxis, query('fares'), { records: RECORDS, lateness: 'watermark' })
    const line = relationLines(relation).find((one) => one.includes('closes_at ='))
    assert.match(line!, /marked as event time: \{"spark.watermarkDelayMs":0\}/)
  })

  it('gives rows of records their place as key', () => {
    const { relation } = lowerQuery(taxis, query('raw'), { records: RECORDS, lateness: 'watermark' })
    assert.match(relationLines(relation).join('\n'), /key = concat\(`partition`, '\|', `offset`\)/)
  })

  it('reads committed records from the beginning of the topic, and takes lost ones for an error', () => {
    const topic = { connection: { 'bootstrap.servers': 'b:1' }, topic: 'in', batchRecordsMax: 500 }
    const { input, options, format } = lowerForKafka(taxis, query('fares'), topic, NO_WRITERS)
    const text = JSON.stringify(input, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    const sourceOptions = {
      'kafka.bootstrap.servers': 'b:1',
      subscribe: 'in',
      startingOffsets: 'earliest',
      maxOffsetsPerTrigger: '500',
      failOnDataLoss: 'true',
      'kafka.isolation.level': 'read_committed',
      includeHeaders: 'true',
    }
    assert.ok(text.includes(JSON.stringify(sourceOptions)), text)
    assert.equal(format, 'kafka')
    assert.deepEqual(options, { 'kafka.bootstrap.servers': 'b:1' })
  })
})

describe('what explain says of Spark', () => {
  it('names modes, differences and cost', () => {
    const text = explainOnSpark(taxis)
    assert.match(text, /taxis\.days, output mode update \(the query's is complete\)/)
    assert.match(text, /differs: rows stay for ever/)
    assert.match(text, /Each of the 3 queries reads and parses the topic by itself/)
  })

  it('leaves out queries that Spark cannot run, and their lowering is refused with the reason', () => {
    const visits = trips.window(session('5 minutes')).aggregate({ n: count() }).output('append')
    const { plan } = app('visitors', { timeZone: 'UTC' }, { visits })
    assert.doesNotMatch(explainOnSpark(plan), /visitors\.visits/)
    assert.throws(() => lowerQuery(plan, plan.queries[0]!, { records: RECORDS, lateness: 'watermark' }), {
      code: 'MSB_PLAN_UNSUPPORTED',
      message: /the spark engine cannot run session windows: whether a session is still open/,
    })
  })
})
