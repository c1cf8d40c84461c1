import assert from 'node:assert/strict'
import { test } from 'node:test'
import { denseTrips } from './dense-trips.ts'
import { hundredfoldKeys } from './hundredfold-keys.ts'

type Trip = Readonly<Record<string, unknown>>
const KEYS = ['pickup_community_area', 'pickup_centroid_location'] as const

const trips = (lines: Iterable<string>): readonly Trip[] => [...lines].map((line) => JSON.parse(line) as Trip)
const without = (trip: Trip): readonly [string, unknown][] =>
  Object.entries(trip).filter(([name]) => !(KEYS as readonly string[]).includes(name))

test('trips get many more areas and places, and stay the same trips', () => {
  const load = [...denseTrips({ records: 5000, seed: 1, disordered: true })]
  const [before, after] = [trips(load), trips(hundredfoldKeys(load, 1))]
  assert.deepEqual(after.map(without), before.map(without))
  for (const key of KEYS) {
    const [few, many] = [before, after].map((all) => new Set(all.map((trip) => trip[key])).size)
    assert.ok(many! > 10 * few!, `${key}: ${few} became ${many}`)
    assert.deepEqual(
      after.map((trip) => trip[key] === null),
      before.map((trip) => trip[key] === null),
    )
  }
})
