/** Exact comparisons of decimal texts with binary numbers, needed where two roundings in a row could go wrong. */

const FLOAT_MANTISSA_BITS = 23
const FLOAT_EXPONENT_MIN = -126

/** Distance between neighbouring 32-bit floats around a positive magnitude. */
function spacingAt(magnitude: number): number {
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), FLOAT_EXPONENT_MIN)
  // log2 may round up to the next power of two.
  const exact = 2 ** exponent > magnitude && exponent > FLOAT_EXPONENT_MIN ? exponent - 1 : exponent
  return 2 ** (exact - FLOAT_MANTISSA_BITS)
}

/** Whether a double lies exactly between two 32-bit floats, so that the text it came from must decide. */
export function isFloatMidpoint(value: number): boolean {
  const magnitude = Math.abs(value)
  if (magnitude === 0 || !Number.isFinite(magnitude)) return false
  return (magnitude / spacingAt(magnitude)) % 1 === 0.5
}

/** The 32-bit float nearest to a JSON number text; infinite when it overflows. */
export function nearestFloat(text: string): number {
  const double = Number(text)
  if (!isFloatMidpoint(double)) return Math.fround(double)
  const order = compareExactly(text.replace('-', ''), Math.abs(double))
  if (order === 0) return Math.fround(double)
  const magnitude = Math.abs(double)
  const half = spacingAt(magnitude) / 2
  return Math.sign(double) * Math.fround(order < 0 ? magnitude - half : magnitude + half)
}

/** Sign of text - double, both not negative. */
function compareExactly(text: string, double: number): number {
  const [, whole = '0', fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  let left = BigInt(whole + fraction)
  let right = 1n
  const power = Number(exponent) - fraction.length
  if (power >= 0) left *= 10n ** BigInt(power)
  else right *= 10n ** BigInt(-power)
  let scaled = double
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    left *= 2n
  }
  right *= BigInt(scaled)
  return left < right ? -1 : left > right ? 1 : 0
}
