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
    shifts: trips.window(session('1 hour')).groupBy('company').aggregate({ n: count() }).output('append'),
    activity: trips.window(session('1 minute')).aggregate({ n: count() }).output('append'),
    firsts: trips
      .deduplicate('company', 'fare')
      .window(tumbling('1 hour'))
      .aggregate({ n: count() })
      .output('complete'),
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

  it('groups by the session of a record, with event time as it is', () => {
    const { relation } = lowerQuery(taxis, query('shifts'), { records: RECORDS, lateness: 'watermark' })
    const lines = relationLines(relation)
    assert.ok(lines.includes("group by session_window(event_time, '3600000 milliseconds'), g0"))
    assert.ok(!lines.some((line) => line.includes('marked as event time')))
  })

  it('groups sessions without keys by a column besides, without which Spark has none of a stream', () => {
    const { relation } = lowerQuery(taxis, query('activity'), { records: RECORDS, lateness: 'watermark' })
    const lines = relationLines(relation).map((line) => line.trim())
    assert.ok(lines.includes("group by session_window(event_time, '60000 milliseconds'), all_records"))
    assert.ok(lines.includes('all_records = pmod(offset, 1)'))
  })

  it('drops duplicates within the watermark, and over bounded input all', () => {
    for (const [lateness, within] of [
      ['watermark', ', within the watermark'],
      ['none', ''],
    ] as const) {
      const { relation } = lowerQuery(taxis, query('firsts'), { records: RECORDS, lateness })
      assert.equal(kinds(relation).includes('withWatermark'), lateness === 'watermark')
      assert.ok(relationLines(relation).includes(`drop duplicates of f2_company, f1_fare${within}`))
    }
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
    assert.match(text, /Each of the 6 queries reads and parses the topic by itself/)
  })

  it('names what differs for sessions and for deduplication, in complete too', () => {
    const first = trips.deduplicate('company')
    const visits = {
      stays: trips.window(session('5 minutes')).aggregate({ n: count() }).output('append'),
      firsts: first.window(calendar('day')).aggregate({ n: count() }).output('complete'),
    }
    const text = explainOnSpark(app('visitors', { timeZone: 'UTC' }, visits).plan)
    assert.match(text, /visitors\.stays.+differs: a session is extended until the watermark of a batch/s)
    assert.match(text, /visitors\.firsts.+watermark on event_time, 10 seconds behind.+differs: keys live until/s)
  })
})
