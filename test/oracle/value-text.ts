import { decimalText } from './exact-number.ts'
import { isoDate, isoTime } from './local-time.ts'
import type { Typed } from './typed-value.ts'

/** Shortest decimal text that reads back as the same 32-bit float. */
export function floatText(value: number): string {
  for (let digits = 1; digits <= 17; digits++) {
    const text = String(Number(value.toPrecision(digits)))
    if (Math.fround(Number(text)) === value) return text
  }
  return String(value)
}

/** A value that is not null as text, as in a cast to string (rule 4.6). */
export function plainText({ type, value }: Typed): string {
  switch (type.kind) {
    case 'decimal':
      return decimalText(value as bigint, type.scale)
    case 'float':
      return floatText(value as number)
    case 'date':
      return isoDate(value as number)
    case 'timestamp':
      return isoTime(value as number, 'UTC')
    default:
      return String(value)
  }
}

/** Rules 6.1 to 6.3. */
export function jsonText(typed: Typed, zone: string): string {
  if (typed.value === null) return 'null'
  switch (typed.type.kind) {
    case 'string':
    case 'uuid':
      return JSON.stringify(typed.value)
    case 'timestamp':
      return JSON.stringify(isoTime(typed.value as number, zone))
    case 'date':
      return JSON.stringify(plainText(typed))
    default:
      return plainText(typed)
  }
}

/** Rule 6.4: one part of a result key. */
export function keyPart(typed: Typed): string {
  if (typed.value === null) return '~'
  if (typed.type.kind === 'timestamp') return String(typed.value)
  return plainText(typed).replaceAll('%', '%25').replaceAll('|', '%7C').replaceAll('~', '%7E')
}
