import { app, avg, count, decimal, max, min, schema, stream, string, sum, timestamp, tumbling } from 'mysimbdp'
import { Seeded } from './seeded.ts'

const SECOND = 1000
export const WATERMARK_MS = 10 * SECOND
const START_MS = Date.UTC(2024, 5, 1, 8)

export const readingSchema = schema('reading', { sensor: string(), at: timestamp(), celsius: decimal(5, 1).nullable() })
const strictReading = schema('reading', { sensor: string(), at: timestamp(), celsius: decimal(5, 1) })

type Watermark = '10 seconds' | '60 seconds'

const sensors = (watermark: Watermark = '10 seconds') =>
  stream('readings', { schema: readingSchema, eventTime: 'at', watermark })

type Mode = 'append' | 'update' | 'complete'

/** The queries that versions of the app are made of. */
export const greenhouseQueries = {
  warmth: (mode: Mode = 'append', watermark?: Watermark) =>
    sensors(watermark)
      .window(tumbling('1 minute'))
      .groupBy('sensor')
      .aggregate({ readings: count(), hottest: max('celsius') })
      .output(mode, mode === 'complete' ? { keep: '30 days' } : {}),
  cold: (mode: Mode = 'update', watermark?: Watermark) =>
    sensors(watermark)
      .window(tumbling('2 minutes'))
      .groupBy('sensor')
      .aggregate({ readings: count(), coldest: min('celsius') })
      .output(mode, mode === 'complete' ? { keep: '30 days' } : {}),
  /** Another meaning under a name that may be taken. */
  mean: (mode: Mode = 'update', watermark?: Watermark) =>
    sensors(watermark)
      .window(tumbling('3 minutes'))
      .aggregate({ mean: avg('celsius'), total: sum('celsius') })
      .output(mode, mode === 'complete' ? { keep: '30 days' } : {}),
} as const

type Queries = Parameters<typeof app>[2]

/** A version of the app. */
export const greenhouse = (queries: Queries, { name = 'greenhouse', timeZone = 'Europe/Berlin' } = {}) =>
  app(name, { timeZone }, queries)

/** The same stream, whose records must have a temperature. */
export const strictGreenhouse = ({ name = 'greenhouse' } = {}) =>
  greenhouse(
    {
      warmth: stream('readings', { schema: strictReading, eventTime: 'at', watermark: '10 seconds' })
        .window(tumbling('1 minute'))
        .groupBy('sensor')
        .aggregate({ readings: count(), hottest: max('celsius') })
        .output('append'),
    },
    { name },
  )

/** Readings in about the order of their times: some come too late for their window, some windows stay open at the end. */
export function greenhouseReadings(count: number, seed = 1): readonly string[] {
  const random = new Seeded(seed)
  return Array.from({ length: count }, (_, i) => {
    const lagMs = random.chance(0.05) ? random.between(0, 90 * SECOND) : random.between(0, 9 * SECOND)
    const celsius = random.chance(0.1) ? null : random.between(-200, 400) / 10
    return JSON.stringify({
      sensor: random.pick(['north', 'south', 'east']),
      at: START_MS + i * SECOND - lagMs,
      celsius,
    })
  })
}

/** The watermark after these records. */
export const watermarkAfter = (lines: readonly string[], delayMs = WATERMARK_MS): number =>
  Math.max(...lines.map((line) => (JSON.parse(line) as { at: number }).at)) - delayMs
