import type { ScenarioRecord, ScenarioStep } from '../support/scenario.ts'
import type { Seeded } from '../support/seeded.ts'

const MINUTE_MS = 60_000
/** Around a change of the clock in Chicago, so that calendar windows have odd lengths. */
const STARTS = [
  Date.parse('2024-03-10T05:00:00Z'),
  Date.parse('2024-11-03T04:00:00Z'),
  Date.parse('1969-12-31T23:00:00Z'),
  Date.parse('2024-04-13T20:00:00Z'),
]
const ARRIVAL_LAG_MS = 500

const IDS = ['a', 'b', 'a|b', '%7C', '~', 'ü', '😀', '']
const encoder = new TextEncoder()

/** Records as a tenant's sources really send them: mostly in order, some late, early, repeated, incomplete or broken. */
export function randomSteps(random: Seeded, partitionsMax: number): readonly ScenarioStep[] {
  const partitions = Math.min(partitionsMax, random.pick([1, 1, 2, 3]))
  const count = random.between(20, 300)
  const pace = random.pick([100, 2_000, 30_000, 30 * MINUTE_MS])
  const steps: ScenarioStep[] = []
  let now = random.pick(STARTS) + random.between(0, 10_000)
  let last: ScenarioRecord | undefined
  for (let i = 0; i < count; ) {
    const records: ScenarioRecord[] = []
    const size = random.between(1, 12)
    for (let k = 0; k < size; k++, i++) {
      now += random.between(0, pace)
      const record: ScenarioRecord =
        last !== undefined && random.chance(0.03)
          ? last
          : recordAt(random, eventTime(random, now), random.between(0, partitions - 1), now)
      records.push(record)
      last = record
    }
    // Every record of a step arrives when its last one does.
    steps.push({ records: records.map((record) => ({ ...record, arrival: now + ARRIVAL_LAG_MS })) })
  }
  return steps
}

function eventTime(random: Seeded, now: number): number {
  if (random.chance(0.8)) return now
  if (random.chance(0.1)) return now + random.between(1, 2 * MINUTE_MS)
  return now - random.between(0, random.pick([2_000, 20_000, 10 * MINUTE_MS]))
}

function recordAt(random: Seeded, at: number, partition: number, arrival: number): ScenarioRecord {
  const value = random.chance(0.04) ? broken(random, at) : sound(random, at)
  return { partition, arrival, value, bytes: encoder.encode(value) }
}

const orNull = (random: Seeded, text: () => string): string => (random.chance(0.12) ? 'null' : text())

function sound(random: Seeded, at: number): string {
  const fields = [
    `"at":${random.chance(0.7) ? at : `"${new Date(at).toISOString()}"`}`,
    `"id":${orNull(random, () => JSON.stringify(random.pick(IDS)))}`,
    `"n":${orNull(random, () => String(random.between(-5, 5)))}`,
    `"l":${orNull(random, () => random.pick(['0', '9007199254740993', '-9223372036854775808', '9223372036854775807', String(random.between(-1000, 1000))]))}`,
    `"m":${orNull(random, () => `${random.between(-200, 200)}.${random.pick(['5', '25', '00', '99'])}`)}`,
    `"w":${orNull(random, () => random.pick(['1234567890123456.78', '-0.01', '9999999999999999.99', `${random.between(0, 99)}`]))}`,
    `"d":${orNull(random, () => String(random.pick([0.1, 1e15, -1e15, 3.3333, random.next() * 100])))}`,
    `"b":${orNull(random, () => String(random.chance(0.5)))}`,
  ]
  if (random.chance(0.2)) fields.reverse()
  return `{${fields.join(',')}}`
}

function broken(random: Seeded, at: number): string {
  return random.pick([
    `{"at":${at},"id":"x"`,
    `{"at":null,"id":"x","n":1,"l":1,"m":1,"w":1,"d":1,"b":true}`,
    `{"at":${at},"id":5}`,
    `{"at":${at},"n":1.5}`,
    `{"at":${at},"m":1.001}`,
    `{"time":${at},"id":"x"}`,
    'nonsense',
  ])
}
