import type { FieldType, Value } from '../schemas/field-types.ts'

/** Order of two values of one type (semantics 4.7): negative, 0 or positive. Decimals must share their scale. */
export function compareValues(a: Exclude<Value, null>, b: Exclude<Value, null>, type: FieldType): number {
  if (type.kind === 'string' || type.kind === 'uuid') return compareUtf8(a as string, b as string)
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Order by UTF-8 bytes, which is the order of code points. UTF-16 units sort the same but for surrogates, which stand for
 * code points above all others and sort below U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointRank(x) - codePointRank(y)
  }
  return a.length - b.length
}

const codePointRank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)
