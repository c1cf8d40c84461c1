import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY_MS, zoneRules } from './zone.ts'

const HOUR_MS = 3_600_000
const date = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY_MS
const dayLengthHours = (zone: string, text: string): number =>
  (zoneRules(zone).firstInstantOfDate(date(text) + 1) - zoneRules(zone).firstInstantOfDate(date(text))) / HOUR_MS
const local = (text: string): number => Date.parse(`${text}Z`)

test('a day has 23, 24 or 25 hours around daylight saving time', () => {
  assert.equal(dayLengthHours('America/Chicago', '2024-03-10'), 23)
  assert.equal(dayLengthHours('America/Chicago', '2024-03-11'), 24)
  assert.equal(dayLengthHours('America/Chicago', '2024-11-03'), 25)
  assert.equal(dayLengthHours('UTC', '2024-11-03'), 24)
})

test('a date whose midnight is skipped begins at the jump', () => {
  const rules = zoneRules('America/Sao_Paulo')
  assert.equal(new Date(rules.firstInstantOfDate(date('2018-11-04'))).toISOString(), '2018-11-04T03:00:00.000Z')
  assert.equal(dayLengthHours('America/Sao_Paulo', '2018-11-04'), 23)
})

test('a date that a zone skipped altogether is empty', () => {
  assert.equal(dayLengthHours('Pacific/Apia', '2011-12-30'), 0)
  assert.equal(dayLengthHours('Pacific/Apia', '2011-12-29'), 24)
})

test('where clocks go back across midnight the repeated hour belongs to the new date', () => {
  // Newfoundland went back from 00:01 to 23:01 on 2006-10-29.
  assert.equal(dayLengthHours('America/St_Johns', '2006-10-28'), 24)
  assert.equal(dayLengthHours('America/St_Johns', '2006-10-29'), 25)
})

test('a local time that occurs twice is its first instant and ambiguous', () => {
  const twice = zoneRules('America/Chicago').toUtc(local('2024-11-03T01:30:00'))
  assert.deepEqual(twice, { utcMs: Date.parse('2024-11-03T06:30:00Z'), ambiguous: true })
})

test('a local time that the clock skips is null', () => {
  assert.equal(zoneRules('America/Chicago').toUtc(local('2024-03-10T02:30:00')), null)
  assert.deepEqual(zoneRules('America/Chicago').toUtc(local('2024-03-10T03:00:00')), {
    utcMs: Date.parse('2024-03-10T08:00:00Z'),
    ambiguous: false,
  })
})

test('offsets agree with Intl across 150 years, second-precise before standard time', () => {
  const rules = zoneRules('America/Chicago')
  assert.equal(rules.offsetMsAt(Date.parse('1883-11-18T00:00:00Z')), -(5 * HOUR_MS + 50 * 60_000 + 36_000))
  assert.equal(rules.offsetMsAt(Date.parse('2024-07-01T00:00:00Z')), -5 * HOUR_MS)
  assert.equal(rules.offsetMsAt(Date.parse('2024-01-01T00:00:00Z')), -6 * HOUR_MS)
  assert.equal(zoneRules('Asia/Kolkata').offsetMsAt(0), 5.5 * HOUR_MS)
})

test('an unknown zone is refused by name', () => {
  assert.throws(() => zoneRules('Mars/Olympus'), { code: 'MSB_QUERY_INVALID', message: /no time zone 'Mars\/Olympus'/ })
})
