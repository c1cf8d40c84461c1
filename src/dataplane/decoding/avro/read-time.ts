import { DAY_MS, zoneRules } from '#foundation/time/zone.ts'
import type { TimestampUnit } from '#language/schemas/avro/avro-type.ts'
import { accept, type Reading, refuse } from '../values/reading.ts'

/** The instants, and local times, of the years 0001 to 9999. */
export const TIME_MS_MIN = -62_135_596_800_000
export const TIME_MS_MAX = 253_402_300_799_999

/** Units in a millisecond. */
export const UNITS_PER_MS: Readonly<Record<TimestampUnit, number>> = { millis: 1, micros: 1000, nanos: 1_000_000 }

/** Times that are written as numbers, by semantics 1.10. A local one is a reading of the clock in `timeZone`. */
export function readInstant(
  written: bigint,
  { unit, local }: { readonly unit: TimestampUnit; readonly local: boolean },
  timeZone: string,
): Reading {
  const ms = floorDivided(written, BigInt(UNITS_PER_MS[unit]))
  if (ms < TIME_MS_MIN || ms > TIME_MS_MAX) return refuse('invalid_time')
  if (!local) return accept(Number(ms))
  const instant = zoneRules(timeZone).toUtc(Number(ms))
  return instant === null ? refuse('nonexistent_local_time') : accept(instant.utcMs, instant.ambiguous)
}

const floorDivided = (value: bigint, divisor: bigint): bigint =>
  (value - (((value % divisor) + divisor) % divisor)) / divisor

export function readDate(days: number): Reading {
  const ms = days * DAY_MS
  return ms < TIME_MS_MIN || ms > TIME_MS_MAX ? refuse('invalid_time') : accept(days)
}
