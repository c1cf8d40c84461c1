import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { partitionOf } from '../workload/partitions.ts'
import type { GroupField, TripQuery } from '../workload/trip-queries.ts'
import type { LatenessRule } from './lateness.ts'
import { type ResultRows, rowKey } from './result-row.ts'
import { type Span, windowsOf } from './trip-windows.ts'

/** What the calculation needs of a trip; money in dollars. */
type Trip = Readonly<Record<GroupField, string | number | null>> &
  Readonly<Record<'fare' | 'tips' | 'trip_total', number | null>> & { readonly event_timestamp: number }

/** Money in whole cents, which a double adds exactly up to 2^53. */
interface MoneyTotal {
  cents: number
  count: number
  greatest: number
}

interface Totals {
  count: number
  readonly fare: MoneyTotal
  readonly tips: MoneyTotal
  readonly tripTotal: MoneyTotal
}

const DELAY_MS = 10_000

export interface Expected {
  /** For each rule that was asked for. */
  readonly rows: ReadonlyMap<LatenessRule, ResultRows>
  /** Behind the last record, the least of all partitions: windows that end at or before it are closed. */
  readonly watermarkMs: number
}

/**
 * Expected rows of trips in a file, by lateness rule: record by record, one object for each window and group, without any part of the product. It
 * is slow and obvious, and must stay so. A record is late by the watermark of its own partition.
 */
export async function calculateExpected(
  path: string,
  queries: readonly TripQuery[],
  rules: readonly LatenessRule[],
  partitions = 1,
): Promise<Expected> {
  const calculations = queries.map((query) => new Calculation(query, rules))
  const watermarksMs = Array.from({ length: partitions }, () => Number.NEGATIVE_INFINITY)
  let index = 0
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const trip = JSON.parse(line) as Trip
    const partition = partitionOf(index++, partitions)
    for (const calculation of calculations) calculation.count(trip, watermarksMs[partition]!)
    watermarksMs[partition] = Math.max(watermarksMs[partition]!, trip.event_timestamp - DELAY_MS)
  }
  const watermarkMs = Math.min(...watermarksMs)
  const rowsBy = (rule: LatenessRule): ResultRows => new Map(calculations.flatMap((one) => one.rows(rule)))
  return { rows: new Map(rules.map((rule) => [rule, rowsBy(rule)])), watermarkMs }
}

/** One query under each of the rules. */
class Calculation {
  readonly #query: TripQuery
  readonly #rules: readonly LatenessRule[]
  /** By window and group: the totals of each rule, where a record counted. */
  readonly #totals = new Map<string, Partial<Record<LatenessRule, Totals>>>()
  /** Of each group by itself. */
  readonly #watermarksMs = new Map<string | null, number>()

  constructor(query: TripQuery, rules: readonly LatenessRule[]) {
    this.#query = query
    this.#rules = rules
  }

  count(trip: Trip, watermarkMs: number): void {
    const { name, window, groupField } = this.#query
    const field = groupField === null ? null : trip[groupField]
    const group = field === null ? null : String(field)
    const isBehindGroup = this.#isBehindGroup(trip.event_timestamp, group)
    for (const span of windowsOf(window, trip.event_timestamp)) {
      const key = rowKey(name, span.startMs, group)
      let totals = this.#totals.get(key)
      if (totals === undefined) this.#totals.set(key, (totals = {}))
      for (const rule of this.#rules) {
        if (rule === 'per-window' && this.#isClosed(span, watermarkMs)) continue
        if (rule === 'drop-late-by-group' && isBehindGroup) continue
        addTrip((totals[rule] ??= noTotals()), trip)
      }
    }
  }

  #isClosed({ endMs }: Span, watermarkMs: number): boolean {
    return this.#query.mode !== 'complete' && endMs <= watermarkMs
  }

  #isBehindGroup(timeMs: number, group: string | null): boolean {
    const watermarkMs = this.#watermarksMs.get(group) ?? Number.NEGATIVE_INFINITY
    if (timeMs - DELAY_MS > watermarkMs) this.#watermarksMs.set(group, timeMs - DELAY_MS)
    return timeMs < watermarkMs
  }

  rows(rule: LatenessRule): [string, readonly (number | null)[]][] {
    return [...this.#totals].flatMap(([key, { [rule]: totals }]) =>
      totals === undefined ? [] : [[key, valuesOf(this.#query, totals)]],
    )
  }
}

const noMoney = (): MoneyTotal => ({ cents: 0, count: 0, greatest: Number.NEGATIVE_INFINITY })
const noTotals = (): Totals => ({ count: 0, fare: noMoney(), tips: noMoney(), tripTotal: noMoney() })

function addTrip(totals: Totals, { fare, tips, trip_total }: Trip): void {
  totals.count++
  addMoney(totals.fare, fare)
  addMoney(totals.tips, tips)
  addMoney(totals.tripTotal, trip_total)
}

function addMoney(total: MoneyTotal, dollars: number | null): void {
  if (dollars === null) return
  const cents = Math.round(dollars * 100)
  total.cents += cents
  total.count++
  total.greatest = Math.max(total.greatest, cents)
}

function valuesOf({ result }: TripQuery, { count, fare, tips, tripTotal }: Totals): readonly (number | null)[] {
  switch (result) {
    case 'count':
      return [count]
    case 'sums':
      return [sumOf(fare), sumOf(tips), sumOf(tripTotal)]
    case 'fares':
      return [sumOf(fare), fare.count === 0 ? null : fare.greatest / 100]
    case 'day-totals':
      return [count, sumOf(fare), averageOf(tips), averageOf(tripTotal)]
  }
}

const sumOf = ({ cents, count }: MoneyTotal): number | null => (count === 0 ? null : cents / 100)

/** Rule 4.2: rounded once to six decimals, half away from zero, and that to two. */
function averageOf({ cents, count }: MoneyTotal): number | null {
  if (count === 0) return null
  const sixDecimals = divideHalfAway(BigInt(cents) * 10_000n, BigInt(count))
  return Number(divideHalfAway(sixDecimals, 10_000n)) / 100
}

function divideHalfAway(dividend: bigint, divisor: bigint): bigint {
  const rounded = (2n * (dividend < 0n ? -dividend : dividend) + divisor) / (2n * divisor)
  return dividend < 0n ? -rounded : rounded
}
