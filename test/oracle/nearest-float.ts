import { exactDouble, parseNumber, type Rational, rational } from './exact-number.ts'

const INFINITY_BITS = 0x7f800000

const fromBits = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]
const toBits = (magnitude: number): number => new Uint32Array(Float32Array.of(magnitude).buffer)[0]

/** What would follow the greatest float if exponents went on. */
const floatValue = (bits: number): Rational =>
  bits === INFINITY_BITS ? rational(2n ** 128n) : exactDouble(fromBits(bits))

/** |a - b|, as a numerator over the product of both denominators. */
function distance(a: Rational, b: Rational): Rational {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return rational(difference < 0n ? -difference : difference, a.denominator * b.denominator)
}

const isLess = (a: Rational, b: Rational): boolean => a.numerator * b.denominator < b.numerator * a.denominator

/**
 * The 32-bit float nearest to a JSON number, of two equally near ones the one with an even last bit; infinite when it
 * overflows. Rounding to a double first may miss it by one, so its neighbours are looked at too.
 */
export function nearestFloat(text: string): number {
  const isNegative = text.startsWith('-')
  const exact = parseNumber(isNegative ? text.slice(1) : text)
  const guess = toBits(Math.abs(Number(text)))
  let best = guess
  for (const bits of [guess - 1, guess + 1]) {
    if (bits < 0 || bits > INFINITY_BITS) continue
    const [candidate, champion] = [distance(exact, floatValue(bits)), distance(exact, floatValue(best))]
    const isTie = !isLess(candidate, champion) && !isLess(champion, candidate)
    if (isLess(candidate, champion) || (isTie && bits % 2 === 0)) best = bits
  }
  return isNegative ? -fromBits(best) : fromBits(best)
}
