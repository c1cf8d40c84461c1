/**
 * Source of a comparison of `literal` with the bytes at `at`. It stops at the first difference, so it never reads far behind a
 * line feed; its last part may overlap the one before. The literal is valid UTF-8 without NUL, so its doubles are neither NaN nor zero.
 */
export function literalComparison(literal: Uint8Array): string {
  const view = new DataView(literal.buffer, literal.byteOffset, literal.length)
  const double = (offset: number): string =>
    `view.getFloat64(at + ${offset}, true) === ${view.getFloat64(offset, true)}`
  const word = (offset: number): string => `view.getInt32(at + ${offset}, true) === ${view.getInt32(offset, true)}`
  if (literal.length >= 8) return partsOf(literal.length, 8).map(double).join(' && ')
  if (literal.length >= 4) return partsOf(literal.length, 4).map(word).join(' && ')
  return Array.from(literal, (byte, offset) => `bytes[at + ${offset}] === ${byte}`).join(' && ')
}

/** Where parts of `width` bytes begin that cover `length`. */
function partsOf(length: number, width: number): number[] {
  const starts = Array.from({ length: Math.floor(length / width) }, (_, index) => index * width)
  return length % width === 0 ? starts : [...starts, length - width]
}
