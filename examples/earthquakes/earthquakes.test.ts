import assert from 'node:assert/strict'
import { test } from 'node:test'
import earthquakes from './app.ts'
import { generateQuakes, sampleDefaults } from './generator/generate-quakes.ts'
import { quakeSchema } from './quake-schema.ts'

const HEADER =
  'time,latitude,longitude,depth,mag,magType,nst,gap,dmin,rms,net,id,updated,place,type,horizontalError,depthError,magError,magNst,status,locationSource,magSource'

interface Quake {
  readonly time: string
  readonly updated: string
  readonly mag: number
  readonly magType: string
  readonly id: string
}

const options = { ...sampleDefaults, faults: 0 }
const sample: readonly Quake[] = generateQuakes(options).map((line) => JSON.parse(line))

test('the schema names its fields as the USGS feed does', () => {
  assert.deepEqual(
    quakeSchema.fields.map(({ name }) => name),
    HEADER.split(','),
  )
  assert.deepEqual(
    quakeSchema.fields.filter(({ nullable }) => !nullable).map(({ name }) => name),
    ['time', 'id'],
  )
})

test('the app has three queries with windows, groups and modes of its own', () => {
  assert.equal(earthquakes.plan.name, 'earthquakes')
  assert.equal(earthquakes.plan.timeZone, 'UTC')
  const shape = earthquakes.plan.queries.map(({ name, table, output }) => {
    assert.equal(output.input.kind, 'WindowAggregate')
    const { window, groupBy, columns, input } = output.input
    return [
      name,
      table,
      output.mode,
      window.kind,
      groupBy.join(),
      columns.map((column) => column.name).join(),
      input.kind,
    ]
  })
  assert.deepEqual(shape, [
    ['byRegionHour', 'byregionhour', 'append', 'tumbling', 'net', 'quakes,strongest,deepest', 'Source'],
    [
      'dailyMagnitude',
      'dailymagnitude',
      'complete',
      'calendar',
      '',
      'quakes,strong,mag_avg,first_place,last_place',
      'Source',
    ],
    ['reviewed', 'reviewed', 'update', 'sliding', 'magType', 'quakes,mag_min,mag_sum,rms_avg', 'Filter'],
  ])
})

test('equal options give equal lines, each with the fields of the schema in its order', () => {
  assert.deepEqual(
    generateQuakes({ ...sampleDefaults, records: 300 }),
    generateQuakes({ ...sampleDefaults, records: 300 }),
  )
  assert.notDeepEqual(
    generateQuakes({ ...sampleDefaults, records: 300 }),
    generateQuakes({ ...sampleDefaults, records: 300, seed: 2 }),
  )
  for (const quake of sample) assert.deepEqual(Object.keys(quake), HEADER.split(','))
  assert.equal(sample.length, options.records)
  assert.equal(new Set(sample.map(({ id }) => id)).size, sample.length)
})

test('earthquakes lie within the day and are told out of order, a few of them hours later', () => {
  assert.ok(sample.every(({ time }) => time.startsWith('2024-04-13T')))
  let newestMs = 0
  let behind = 0
  let late = 0
  for (const { time } of sample) {
    const timeMs = Date.parse(time)
    if (timeMs < newestMs) behind++
    if (timeMs < newestMs - 3_600_000) late++
    newestMs = Math.max(newestMs, timeMs)
  }
  assert.ok(behind > sample.length / 3, `${behind} come after a later one`)
  assert.ok(late > sample.length * 0.02 && late < sample.length * 0.08, `${late} come more than an hour behind`)
  assert.ok(
    sample.every(({ updated }, index) => index === 0 || updated >= sample[index - 1]!.updated),
    'reports come in the order of their last revision',
  )
})

test('each step of one magnitude is about ten times rarer', () => {
  const california = sample.filter(({ magType }) => magType === 'md').map(({ mag }) => mag)
  const strongerThan = (magnitude: number): number => california.filter((mag) => mag >= magnitude).length
  const ratio = strongerThan(2.2) / strongerThan(3.2)
  assert.ok(ratio > 6 && ratio < 16, `ratio ${ratio}`)
})

test('faulty records come on top of the good ones', () => {
  const good = generateQuakes({ ...options, records: 1_000 })
  const lines = generateQuakes({ ...options, records: 1_000, faults: 0.01 })
  const spoilt = lines.filter((line) => line.includes('"mag":"M') || line.includes('"time":null'))
  assert.ok(spoilt.length >= 4 && spoilt.length <= 20, `${spoilt.length} faults`)
  assert.deepEqual(new Set(lines.filter((line) => !spoilt.includes(line))), new Set(good))
})

test('a date that is none, and a zone other than UTC, are refused', () => {
  assert.throws(() => generateQuakes({ ...options, date: 'today' }), /is no date/)
  assert.throws(() => generateQuakes({ ...options, timeZone: 'America/Chicago' }), /reported in UTC/)
})
