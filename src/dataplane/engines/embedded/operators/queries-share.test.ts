import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { app } from '#language/query/app.ts'
import { avg, count, countIf, last, max, sum } from '#language/query/expressions.ts'
import { decimal, double, int, schema, string, timestamp } from '#language/query/fields.ts'
import { stream } from '#language/query/stream.ts'
import { calendar, sliding, tumbling } from '#language/query/windows.ts'
import type { Dictionary, LoggedBatch } from '../../../records/record-batch.ts'
import { compileQuery } from '../compile/compile-query.ts'
import { BatchSharing } from '../sharing/batch-sharing.ts'
import type { Operator } from './operator.ts'

const DELAY_MS = 10_000
const TIME_ZONE = 'America/Chicago'
/** Two minutes before a local midnight. */
const START_MS = Date.UTC(2024, 3, 14, 4, 58)

const trip = schema('trip', {
  at: timestamp(),
  area: int().nullable(),
  place: string().nullable(),
  fare: decimal(10, 2).nullable(),
  miles: double().nullable(),
})
const trips = stream('trips', { schema: trip, eventTime: 'at', watermark: '10 seconds' })
const halfMinute = sliding('1 minute', '30 seconds')
const { plan } = app(
  'test',
  { timeZone: TIME_ZONE },
  {
    fares: trips
      .window(tumbling('5 seconds'))
      .aggregate({ fares: sum('fare'), all: count(), most: max('fare') })
      .output('append'),
    day: trips
      .window(calendar('day'))
      .aggregate({ fares: sum('fare'), mean: avg('fare'), all: count() })
      .output('update'),
    areas: trips.window(halfMinute).groupBy('area').aggregate({ all: count() }).output('append'),
    places: trips.window(halfMinute).groupBy('place').aggregate({ all: count() }).output('append'),
    pairs: trips
      .window(tumbling('7 seconds'))
      .groupBy('area', 'place')
      .aggregate(({ fare, place }) => ({
        dear: countIf(fare.greater(10)),
        fares: sum(fare.multiply(2)),
        latest: last(place),
      }))
      .output('append'),
    some: trips
      .filter(({ fare, area }) => fare.greater(5).and(area.isNotNull()))
      .window(halfMinute)
      .groupBy('area')
      .aggregate({ all: count(), fares: sum('fare') })
      .output('update'),
  },
)

interface Trip {
  readonly behindMs: number
  readonly area: number | null
  readonly place: string | null
  readonly fare: number | null
}
const arbitraryTrip: fc.Arbitrary<Trip> = fc.record({
  behindMs: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 90_000 })),
  area: fc.option(fc.integer({ min: 1, max: 4 })),
  place: fc.option(fc.constantFrom('a', 'b', 'c')),
  fare: fc.option(fc.integer({ min: 0, max: 2000 })),
})

const nullsOf = (values: readonly unknown[]) => Uint8Array.from(values, (value) => (value === null ? 1 : 0))

/** Trips of a partition as batches of these sizes, one after the other; a trip each 200 ms. */
function batchesOf(some: readonly Trip[], sizeOf: (index: number) => number): readonly LoggedBatch[] {
  const dictionaries: readonly Dictionary[] = [{ entries: ['a', 'b', 'c'] }, { entries: ['c', 'b', 'a'] }]
  const batches: LoggedBatch[] = []
  let greatest = Number.NEGATIVE_INFINITY
  for (let base = 0; base < some.length; ) {
    // Now and then a dictionary is begun anew.
    const dictionary = dictionaries[(batches.length >> 2) % 2]!
    const part = some.slice(base, base + sizeOf(batches.length))
    const eventTimes = Float64Array.from(part, ({ behindMs }, row) => START_MS + (base + row) * 200 - behindMs)
    const fares = part.map(({ fare }) => fare)
    const money = { layout: 'float64', values: Float64Array.from(fares, Number), nulls: nullsOf(fares) } as const
    const areas = part.map(({ area }) => area)
    batches.push({
      partition: 0,
      baseOffset: base,
      endOffset: base + part.length,
      received: part.length,
      arrivalMs: 0,
      maxEventTimeBefore: greatest,
      minEventTime: Math.min(...eventTimes),
      maxEventTime: Math.max(...eventTimes),
      batch: {
        schema: trip,
        rows: part.length,
        columns: [
          { layout: 'float64', values: eventTimes, nulls: null },
          { layout: 'int32', values: Int32Array.from(areas, Number), nulls: nullsOf(areas) },
          {
            layout: 'dictionary',
            codes: Int32Array.from(part, ({ place }) => (place === null ? -1 : dictionary.entries.indexOf(place))),
            dictionary,
          },
          money,
          money,
        ],
        eventTimes,
        positions: null,
      },
    })
    greatest = Math.max(greatest, ...eventTimes)
    base += part.length
  }
  return batches
}

/** The last row of each key, and the late records, of every query. */
function results(
  batches: readonly LoggedBatch[],
  operators: readonly Operator[],
  takeAfter: (index: number) => boolean,
) {
  const rows = operators.map(() => new Map<string, string>())
  const late = operators.map(() => [] as unknown[])
  const take = (watermarkMs: number): void => {
    for (const [i, operator] of operators.entries()) {
      const changes = operator.takeChanges(watermarkMs)
      for (const { key, row } of changes.rows) rows[i]!.set(key, row)
      late[i]!.push(...changes.late)
      changes.takeState({ stored: true })
    }
  }
  for (const [i, batch] of batches.entries()) {
    for (const operator of operators) operator.process(batch, DELAY_MS)
    if (takeAfter(i)) take(Math.max(batch.maxEventTimeBefore, batch.maxEventTime) - DELAY_MS)
  }
  take(Number.POSITIVE_INFINITY)
  return { rows: rows.map((found) => new Map([...found].sort())), late }
}

const OPTIONS = { keepAllRows: true, boundMs: Number.NEGATIVE_INFINITY }

it('queries that share the work of a batch give what each gives alone, record by record', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryTrip, { minLength: 1, maxLength: 400, size: 'max' }),
      fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 8 }),
      (some, sizes) => {
        const sharing = new BatchSharing()
        const together = plan.queries.map((query) => compileQuery(query, TIME_ZONE, OPTIONS, sharing))
        const alone = plan.queries.map((query) => compileQuery(query, TIME_ZONE, OPTIONS))
        const found = results(
          batchesOf(some, (index) => sizes[index % sizes.length]!),
          together,
          (index) => index % 2 === 0,
        )
        const wanted = results(
          batchesOf(some, () => 1),
          alone,
          () => false,
        )
        assert.deepEqual(found, wanted)
      },
    ),
    { numRuns: 60 },
  )
})
