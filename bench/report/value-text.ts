import type { Unit } from './figure.ts'

const digits: Readonly<Record<Unit, number>> = {
  'CPU-s/M': 2,
  'records/s': 0,
  'MB/s': 3,
  MB: 0,
  ms: 1,
  s: 2,
  x: 2,
  '%': 0,
}

/** A value with its unit, for people: `1,234,567 records/s`, `2.10x`. */
export function valueText(value: number, unit: Unit): string {
  const options = { minimumFractionDigits: digits[unit], maximumFractionDigits: digits[unit] }
  const number = value.toLocaleString('en-US', options)
  return unit === 'x' || unit === '%' ? `${number}${unit === '%' ? ' %' : 'x'}` : `${number} ${unit}`
}
