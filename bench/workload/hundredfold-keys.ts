import { SeededRandom, seedFrom } from '../../examples/sampling/seeded-random.ts'

const AREA = /"pickup_community_area":(\d+)/
const LOCATION = /"pickup_centroid_location":"POINT \((\S+) (\S+)\)"/
const FOLD = 100

/** The same trips, each of whose pickup areas and locations has become one of a hundred. */
export function* hundredfoldKeys(lines: Iterable<string>, seed: number): Generator<string, void, void> {
  const random = new SeededRandom(seedFrom('keys', seed))
  for (const line of lines) {
    const part = Math.floor(random.fraction() * FOLD)
    yield line
      .replace(AREA, (_, area) => `"pickup_community_area":${Number(area) * FOLD + part}`)
      .replace(LOCATION, (_, x, y) => `"pickup_centroid_location":"POINT (${x} ${y}${String(part).padStart(2, '0')})"`)
  }
}
