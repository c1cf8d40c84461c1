import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { PartitionBounds } from '#dataplane/brokers/broker.ts'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import type { ServedLateRecord, ServedRow } from '#dataplane/sinks/sink.ts'
import { type QueryPlan, streamsOf, windowAggregateOf } from '#language/plan/plan.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { type DriverOptions, EmbeddedDriver, type History } from '../support/embedded-driver.ts'
import type { ScenarioStep } from '../support/scenario.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'
import { randomApp } from './random-app.ts'
import { randomSteps } from './random-history.ts'

/** How far marks run ahead of what arrived. */
const AHEAD_MS = 600_000

/** What a folder serves of one query. */
interface Served {
  readonly rows: ReadonlyMap<string, ServedRow>
  readonly late: readonly ServedLateRecord[]
  readonly lateRecords: number
}

async function run(history: History, folder: string, options: DriverOptions = {}): Promise<void> {
  const driver = EmbeddedDriver.open(history, folder, { segmentBytesMax: 1, ...options })
  try {
    await driver.run()
  } finally {
    await driver.close()
  }
}

function served({ plan }: History, folder: string): ReadonlyMap<string, Served> {
  const reader = embeddedPlatform.openResults(folder)
  try {
    return new Map(
      plan.queries.map(({ name }) => [
        name,
        {
          rows: new Map([...reader.rows(name)].map((row) => [row.key, row])),
          late: [...reader.late(name)],
          lateRecords: reader.lateRecords(name),
        },
      ]),
    )
  } finally {
    reader.close()
  }
}

/** Deletes the beginning of each partition, as retention does. */
async function truncate({ plan }: History, folder: string, random: Seeded): Promise<readonly PartitionBounds[]> {
  const broker = new LocalBroker({ folder: join(folder, 'log'), segmentBytesMax: 1 })
  try {
    const [source] = [...streamsOf(plan).values()]
    const { stream, schema, eventTime } = source!
    const topic = `${plan.name}_${stream}`
    const reader = await broker.openReadOnly(topic)
    const { partitions } = reader.spec
    await reader.close()
    const log = await broker.openStream({ topic, schema, eventTime, partitions }, { timeMs: null, bytes: 1 })
    const needed = new Map<number, number>()
    for (let partition = 0; partition < partitions; partition++)
      needed.set(partition, random.between(0, (await log.bounds(partition)).end))
    await log.applyRetention(0, needed)
    return await Promise.all([...needed.keys()].map((partition) => log.bounds(partition)))
  } finally {
    await broker.close()
  }
}

/** Whether semantics 7.5 has a row of before the rebuild stay. */
function isCarried(row: ServedRow, boundMs: number, bounds: readonly PartitionBounds[]): boolean {
  if (row.windowStart !== null) return row.windowStart <= boundMs
  const [partition, offset] = row.key.split('|').map(Number) as [number, number]
  return offset < bounds[partition]!.start
}

const missedWindows = (late: readonly ServedLateRecord[], wanted: (window: number) => boolean): readonly string[] =>
  late
    .flatMap(({ partition, offset, windows }) => windows.filter(wanted).map((window) => [partition, offset, window]))
    .map(String)
    .sort()

const texts = (rows: Iterable<ServedRow>): readonly string[] => [...rows].map(({ key, row }) => `${key} ${row}`).sort()

function assertRebuilt(
  { output }: QueryPlan,
  { before, whole, rebuilt }: { readonly before: Served; readonly whole: Served; readonly rebuilt: Served },
  boundMs: number,
  bounds: readonly PartitionBounds[],
): void {
  const carried = (row: ServedRow): boolean => isCarried(row, boundMs, bounds)
  const rows = [...rebuilt.rows.values()]
  assert.deepEqual(
    texts(rows.filter((row) => !row.carriedOver)),
    texts([...whole.rows.values()].filter((row) => !carried(row))),
    'rows after the bound are those of the whole log',
  )
  const leaves = output.mode === 'complete'
  assert.deepEqual(
    texts(rows.filter((row) => row.carriedOver)),
    texts([...before.rows.values()].filter((row) => carried(row) && (!leaves || whole.rows.has(row.key)))),
    'rows up to the bound are those of before the rebuild',
  )
  for (const [side, from] of [
    [(window: number) => window > boundMs, whole],
    [(window: number) => window <= boundMs, before],
  ] as const)
    assert.deepEqual(missedWindows(rebuilt.late, side), missedWindows(from.late, side))
  assert.equal(rebuilt.lateRecords, rebuilt.late.length)
}

/** A session begins anew so long after a lost record (semantics 7.5). */
function gapOf({ output }: QueryPlan): number {
  const window = windowAggregateOf(output)?.window
  return window?.kind === 'session' ? window.gapMs : 0
}

const PARTITIONS_MAX = 3
/** Among them every kind of window, and queries without one; one to three partitions, one where there are sessions. */
const SEEDS = [3, 4, 7, 13, 15, 20, 35, 46, 53]
/** Of these, runs in which partitions are marked idle as well. */
const MARKED_SEEDS = [3, 7, 35]

/** The same records, with marks that run ahead of them. */
const withMarks = (steps: readonly ScenarioStep[], random: Seeded): readonly ScenarioStep[] =>
  steps.map((step) => {
    const { partition, arrival } = step.records[0]!
    return random.chance(0.8)
      ? step
      : { ...step, marks: [{ partition, eventTime: arrival + random.between(0, AHEAD_MS) }] }
  })

describe('a rebuild from a log that has lost its beginning', () => {
  const seen = { computed: 0, carried: 0, carriedLate: 0, withoutWindow: 0 }
  const runs = [
    ...SEEDS.map((seed) => ({ seed, isMarked: false })),
    ...MARKED_SEEDS.map((seed) => ({ seed, isMarked: true })),
  ]
  for (const { seed, isMarked } of runs) {
    it(`seed ${seed}${isMarked ? ' with idle marks' : ''}: rows after the bound are those of the whole log, the others stay and are marked`, async () => {
      const random = new Seeded(seed)
      const made = randomSteps(random, PARTITIONS_MAX)
      const steps = isMarked ? withMarks(made, new Seeded(seed)) : made
      // The beginning of the log is read in another order when the log is whole (semantics 3.7), and keys of lost records are not known (7.5).
      const sessions = made.every(({ records }) => records.every(({ partition }) => partition === 0))
      const { plan } = randomApp(random, { sessions, deduplication: false })
      const whole: History = { plan, end: 'open', inputs: { readings: steps } }
      const until = random.between(Math.ceil(steps.length / 3), steps.length)
      const beginning: History = { ...whole, inputs: { readings: steps.slice(0, until) } }
      await withScratchFolder(async (scratch) => {
        await run(whole, join(scratch, 'whole'))
        const folder = join(scratch, 'truncated')
        await run(beginning, folder)
        const before = served(beginning, folder)
        const bounds = await truncate(whole, folder, random)
        const boundMs = Math.max(...bounds.map(({ maxEventTimeBeforeStart }) => maxEventTimeBeforeStart))
        await run(beginning, folder, { rebuild: 'all' })
        await run(whole, folder)
        const [wanted, got] = [served(whole, join(scratch, 'whole')), served(whole, folder)]
        for (const query of whole.plan.queries) {
          const rebuilt = got.get(query.name)!
          const all = { before: before.get(query.name)!, whole: wanted.get(query.name)!, rebuilt }
          assertRebuilt(query, all, boundMs + gapOf(query), bounds)
          for (const row of rebuilt.rows.values()) seen[row.carriedOver ? 'carried' : 'computed']++
          seen.carriedLate += missedWindows(rebuilt.late, (window) => window <= boundMs).length
          if (windowAggregateOf(query.output) === undefined) seen.withoutWindow++
        }
      })
    })
  }

  it('met every kind of row and of late record', () => {
    for (const [what, times] of Object.entries(seen)) assert.ok(times > 0, what)
  })
})
