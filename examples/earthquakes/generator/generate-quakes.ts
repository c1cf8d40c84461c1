import type { SampleOptions } from 'mysimbdp'
import { SeededRandom, seedFrom } from '../../sampling/seeded-random.ts'
import { WeightedChoice } from '../../sampling/weighted-choice.ts'
import { type Network, networks } from './networks.ts'

export const sampleDefaults: SampleOptions = {
  records: 3_000,
  seed: 1,
  date: '2024-04-13',
  timeZone: 'UTC',
  faults: 0.001,
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Gutenberg-Richter: ten times fewer earthquakes for each step of one magnitude. */
const B_VALUE = 1
const MAGNITUDE_MAX = 8.5
/** Most reports arrive within minutes; this share only when it was revised, hours after the earthquake. */
const REVISED_LATER = 0.05
const directions: readonly string[] = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW']

interface Report {
  readonly arrivalMs: number
  readonly json: string
}

/**
 * Earthquakes of one day of the sample's zone, UTC in this app, each a line of JSON with all 22 fields, in the order in which
 * the reports arrive: not that of the earthquakes. Equal options give equal lines. With `faults`, that share of further
 * records has a magnitude written as text, or no time.
 * @throws RangeError when the date is none, or the zone is not UTC
 */
export function generateQuakes({ records, seed, date, timeZone, faults }: SampleOptions): readonly string[] {
  const startMs = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(startMs)) throw new RangeError(`'${date}' is no date; write it like 2024-04-13`)
  if (timeZone !== 'UTC')
    throw new RangeError(`earthquakes are reported in UTC, and the sample was asked for in '${timeZone}'`)
  const network = new WeightedChoice(
    networks,
    networks.map(([, share]) => share),
  )
  const random = new SeededRandom(seedFrom('quakes', seed, date))
  const faultRandom = new SeededRandom(seedFrom('faults', seed, date))
  const reports: Report[] = []
  let planted = 0
  for (let number = 0; number < records; number++) {
    reports.push(reportOf(network.pick(random), number, startMs, random))
    if (faultRandom.chance(faults))
      reports.push(spoilt(reportOf(network.pick(faultRandom), records + planted, startMs, faultRandom), planted++))
  }
  // Equal arrivals stay in the order in which they were made: sorting is stable.
  return reports.sort((a, b) => a.arrivalMs - b.arrivalMs).map(({ json }) => json)
}

function spoilt(report: Report, number: number): Report {
  const json =
    number % 2 === 0
      ? report.json.replace(/"mag":(-?[\d.]+)/, '"mag":"M $1"')
      : report.json.replace(/"time":"[^"]+"/, '"time":null')
  return { ...report, json }
}

function reportOf(network: Network, number: number, startMs: number, random: SeededRandom): Report {
  const [code, , latitude, longitude, halfWidth, smallest, depthKm, magType, reviewedShare, rms, unreported, region] =
    network
  const timeMs = startMs + Math.floor(random.fraction() * DAY_MS)
  const reviewed = random.chance(reviewedShare)
  const arrivalMs =
    timeMs +
    Math.round(random.chance(REVISED_LATER) ? random.around(300, 0.7) * MINUTE_MS : random.around(6, 0.7) * MINUTE_MS)
  const magnitude = Math.min(MAGNITUDE_MAX, smallest - Math.log10(1 - random.fraction()) / B_VALUE)
  const reported = (field: string, value: number): number | null => (unreported.includes(field) ? null : value)
  const fields = {
    time: isoText(timeMs),
    latitude: rounded(latitude + halfWidth * random.between(-1, 1), 4),
    longitude: rounded(longitude + halfWidth * random.between(-1, 1), 4),
    depth: rounded(random.around(depthKm, 0.8), 2),
    mag: rounded(magnitude, magType === 'mb' ? 1 : 2),
    magType,
    nst: reported('nst', Math.ceil(random.around(22, 0.6))),
    gap: reported('gap', Math.round(Math.min(359, random.around(95, 0.5)))),
    dmin: reported('dmin', rounded(random.around(0.08, 1), 4)),
    rms: rounded(random.around(rms, 0.4), 2),
    net: code,
    id: `${code}${String(seedFrom(code, startMs, number) % 10_000_000).padStart(7, '0')}${number}`,
    updated: isoText(arrivalMs),
    place: `${Math.ceil(random.around(14, 0.8))} km ${directions[random.bits() % directions.length]} of ${region}`,
    type: random.chance(0.017) ? 'quarry blast' : 'earthquake',
    horizontalError: reported('horizontalError', rounded(random.around(0.5, 0.8), 2)),
    depthError: rounded(random.around(0.9, 0.8), 2),
    magError: reported('magError', rounded(random.around(0.15, 0.5), 3)),
    magNst: reported('magNst', Math.ceil(random.around(14, 0.7))),
    status: reviewed ? 'reviewed' : 'automatic',
    locationSource: code,
    magSource: code,
  }
  return { arrivalMs, json: JSON.stringify(fields) }
}

const isoText = (ms: number): string => new Date(ms).toISOString()

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals))
