import type { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { formatTimestamp } from '#language/schemas/value-text.ts'

/** Figures as sentences say them. */

export const countText = (count: number): string => count.toLocaleString('en-US')

/** @param verb what they do, of one and of several: `['waits', 'wait']` */
export function recordsText(count: number, verb?: readonly [string, string]): string {
  const one = count === 1
  const records = one ? '1 record' : `${countText(count)} records`
  return verb === undefined ? records : `${records} ${verb[one ? 0 : 1]}`
}

/** Why something failed, with the file where that is known and not said. */
export function failureText(error: MysimbdpError | null): string {
  if (error === null) return 'the reason is not known'
  const { file } = error.where
  return file === undefined || error.message.includes(String(file)) ? error.message : `${error.message} ('${file}')`
}

export const percentText = (share: number): string => `${Math.round(share * 100)} %`

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** A length of time, roughly: `12 seconds`, `1 hour`. */
export function spanText(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= each) ?? ['millisecond', 1]
  const amount = Math.round(ms / unitMs)
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}

/** An instant in the app's zone, to the second: `2024-04-13 19:48:15 -05:00`. */
export function timeText(ms: number, timeZone: string): string {
  const [, date, time, offset] = /^(\S+)T(\d\d:\d\d:\d\d)\.\d{3}(.*)$/.exec(formatTimestamp(ms, timeZone))!
  return `${date} ${time} ${offset === 'Z' ? 'UTC' : offset}`
}
