import assert from 'node:assert/strict'
import { Seeded } from './seeded.ts'

/** What the app in `test/cluster/ticks` reads. */
export interface Tick {
  readonly id: number
  /** Epoch ms. */
  readonly at: number
  readonly sensor: string
  readonly value: number
}

/** A tick where it lies in its topic. */
export interface PlacedTick extends Tick {
  readonly partition: number
  readonly offset: number
}

export interface ExpectedTicks {
  /** Rows by query, then by result key. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Totals>>
  /** Late records of each query. */
  readonly late: ReadonlyMap<string, number>
}

export interface Totals {
  readonly n: number
  readonly total: number
}

const START_MS = Date.UTC(2024, 4, 1)
const STEP_MS = 100
const DELAY_MS = 10_000
const MINUTE_MS = 60_000
const SENSORS = ['north', 'south', 'east', 'west', 'roof']
const queries = [
  { name: 'minutes', windowMs: MINUTE_MS, bySensor: true, mode: 'append' },
  { name: 'hours', windowMs: 60 * MINUTE_MS, bySensor: false, mode: 'update' },
  { name: 'days', windowMs: 24 * 60 * MINUTE_MS, bySensor: true, mode: 'complete' },
] as const

/** Ten a second of event time; some of them come too late for their minute, a few for their hour. */
export function ticksOf(count: number, seed: number): readonly Tick[] {
  const random = new Seeded(seed)
  return Array.from({ length: count }, (_, id) => {
    const lagMs = random.chance(0.02) ? random.pick([5_000, 40_000, 2 * 60 * MINUTE_MS]) : 0
    return { id, at: START_MS + id * STEP_MS - lagMs, sensor: random.pick(SENSORS), value: random.between(-50, 100) }
  })
}

/**
 * What becomes of records by the rules alone (semantics 2.2 to 2.5): one by one, each held against the greatest event time that was before it in its own partition; a window
 * is closed when the least of the partitions is past its end. It shares no code with the product.
 * @param ticks in the order of each partition
 */
export function expectedTicks(ticks: readonly PlacedTick[], partitions: number): ExpectedTicks {
  const greatest = new Array<number>(partitions).fill(Number.NEGATIVE_INFINITY)
  const sums = new Map(queries.map(({ name }) => [name as string, new Map<string, { n: number; total: number }>()]))
  const late = new Map(queries.map(({ name }) => [name as string, 0]))
  for (const { partition, at, sensor, value } of ticks) {
    for (const { name, windowMs, bySensor, mode } of queries) {
      const startMs = Math.floor(at / windowMs) * windowMs
      if (mode !== 'complete' && startMs + windowMs <= greatest[partition]! - DELAY_MS) {
        late.set(name, late.get(name)! + 1)
        continue
      }
      const key = bySensor ? `${startMs}|${sensor}` : String(startMs)
      const sum = sums.get(name)!.get(key) ?? { n: 0, total: 0 }
      sums.get(name)!.set(key, { n: sum.n + 1, total: sum.total + value })
    }
    greatest[partition] = Math.max(greatest[partition]!, at)
  }
  const closedMs = Math.min(...greatest) - DELAY_MS
  const isOut = (key: string): boolean => Number.parseInt(key, 10) + MINUTE_MS <= closedMs
  const minutes = new Map([...sums.get('minutes')!].filter(([key]) => isOut(key)))
  return { rows: new Map([...sums, ['minutes', minutes]]), late }
}

/** Each record that was sent is in the topic once, wherever. */
export function assertEachOnce(sent: readonly Tick[], found: readonly PlacedTick[], what: string): void {
  const times = new Map<number, number>()
  for (const { id } of found) times.set(id, (times.get(id) ?? 0) + 1)
  const missing = sent.filter(({ id }) => !times.has(id)).length
  const duplicated = [...times.values()].filter((count) => count > 1).length
  assert.deepEqual({ missing, duplicated, read: found.length }, { missing: 0, duplicated: 0, read: sent.length }, what)
}
