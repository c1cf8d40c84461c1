import { exactValue, toDouble } from './exact-number.ts'
import { isBinary, isNumber, type Typed } from './typed-value.ts'

/** Rule 4.7: negative, 0 or positive. Neither side is null. */
export function compareTyped(a: Typed, b: Typed): number {
  if (isNumber(a.type) && isNumber(b.type)) return compareNumbers(a, b)
  if (typeof a.value === 'string' && typeof b.value === 'string') {
    return Buffer.compare(Buffer.from(a.value, 'utf8'), Buffer.from(b.value, 'utf8'))
  }
  return Number(a.value) - Number(b.value)
}

function compareNumbers(a: Typed, b: Typed): number {
  if (isBinary(a.type) || isBinary(b.type)) {
    const [x, y] = [toDouble(a.value, a.type), toDouble(b.value, b.type)]
    return x < y ? -1 : x > y ? 1 : 0
  }
  const [x, y] = [exactValue(a.value, a.type), exactValue(b.value, b.type)]
  const difference = x.numerator * y.denominator - y.numerator * x.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** Rule 6.5: null first. */
export function compareNullFirst(a: Typed, b: Typed): number {
  if (a.value === null || b.value === null) return Number(a.value !== null) - Number(b.value !== null)
  return compareTyped(a, b)
}
