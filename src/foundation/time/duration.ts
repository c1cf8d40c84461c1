import { MysimbdpError } from '../errors/mysimbdp-error.ts'

const UNIT_MS = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
} as const
const SHORT_UNITS: Readonly<Record<string, keyof typeof UNIT_MS>> = {
  ms: 'millisecond',
  s: 'second',
  m: 'minute',
  min: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
}

type Unit = keyof typeof UNIT_MS
/** A fixed length of time as people write it: `'10 seconds'`, `'1 minute'`, `'400 days'`. A day is 24 hours here. */
export type Duration = `${number} ${Unit | `${Unit}s`}` | `${number}${'ms' | 's' | 'm' | 'min' | 'h' | 'd' | 'w'}`

/** @throws MSB_QUERY_INVALID when the text is no duration or not a whole number of milliseconds */
export function durationMs(text: string): number {
  const [, digits, word] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text.trim()) ?? []
  const unit = word === undefined ? undefined : (SHORT_UNITS[word] ?? word.replace(/s$/, ''))
  const lengthMs = unit !== undefined && unit in UNIT_MS ? Number(digits) * UNIT_MS[unit as Unit] : Number.NaN
  if (!Number.isSafeInteger(lengthMs)) {
    throw new MysimbdpError(
      'MSB_QUERY_INVALID',
      `'${text}' is no duration; write it like '10 seconds', '1 minute' or '400 days'`,
    )
  }
  return lengthMs
}

/** The text `durationMs` reads, in the largest unit that divides it. */
export function durationText(lengthMs: number): string {
  const units = Object.entries(UNIT_MS).reverse()
  const [unit, unitMs] = units.find(([, ms]) => lengthMs % ms === 0) ?? ['millisecond', 1]
  const amount = lengthMs / unitMs
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}
