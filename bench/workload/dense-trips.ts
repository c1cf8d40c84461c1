import { closeSync, openSync, writeSync } from 'node:fs'
import taxi from '../../examples/chicago-taxi/app.ts'
import { SeededRandom, seedFrom } from '../../examples/sampling/seeded-random.ts'

/**
 * The load that engines are compared on: a big city's trips, 2,000 for each second of event time, in the order of arrival. So most of the work is
 * records and little of it result rows. It begins five minutes before a local midnight. Of the records 2 % come up to 8 s behind the newest
 * one, within the watermark's delay, and 0.1 % come 12 to 62 s behind, late for some windows of the four queries or for all.
 */
export interface DenseTripsOptions {
  readonly records: number
  readonly seed: number
  /** False: event times ascend, and no record can be late. */
  readonly disordered: boolean
}

const RECORDS_PER_SECOND = 2000
/** 2024-04-13T23:55:00-05:00. */
const START_MS = Date.UTC(2024, 3, 14, 4, 55)
const OUT_OF_ORDER_SHARE = 0.02
const OUT_OF_ORDER_MS_MAX = 8_000
const LATE_SHARE = 0.001
const LATE_MS = { from: 12_000, to: 62_000 } as const
const EVENT_TIME = '"event_timestamp":'

/** Lines without line ends; equal options give equal lines. */
export function* denseTrips({ records, seed, disordered }: DenseTripsOptions): Generator<string, void, void> {
  const sample = taxi.streams.ingestData!.sample!
  const random = new SeededRandom(seedFrom('dense', seed))
  let index = 0
  for (const line of sample.generate({ ...sample.defaults, records, seed, faults: 0 })) {
    const newestMs = START_MS + Math.floor((index++ * 1000) / RECORDS_PER_SECOND)
    const eventTimeMs = disordered ? Math.max(START_MS, newestMs - behindMs(random)) : newestMs
    yield `${line.slice(0, line.lastIndexOf(EVENT_TIME) + EVENT_TIME.length)}${eventTimeMs}}`
  }
}

function behindMs(random: SeededRandom): number {
  const kind = random.fraction()
  if (kind < LATE_SHARE) return Math.floor(random.between(LATE_MS.from, LATE_MS.to))
  return kind < LATE_SHARE + OUT_OF_ORDER_SHARE ? Math.floor(random.between(0, OUT_OF_ORDER_MS_MAX)) : 0
}

const WRITE_BYTES = 1024 * 1024

/** Writes them as NDJSON. Answers the size in bytes. */
export function writeLines(path: string, lines: Iterable<string>): number {
  const file = openSync(path, 'w')
  try {
    let [written, text] = [0, '']
    for (const line of lines) {
      text += `${line}\n`
      if (text.length < WRITE_BYTES) continue
      written += writeSync(file, text)
      text = ''
    }
    return written + writeSync(file, text)
  } finally {
    closeSync(file)
  }
}
