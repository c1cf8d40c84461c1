/** Small pieces for reading numbers from ASCII bytes. All stop at the first byte that does not belong to the number. */

const MINUS = 45
const POINT = 46
const ZERO = 48

export const isDigit = (byte: number): boolean => byte >= ZERO && byte <= 57

/** After `.0`, `.00` and so on; `position` itself when there is no point; -1 when no zero follows the point. */
export function skipZeroFraction(bytes: Uint8Array, position: number): number {
  if (bytes[position] !== POINT) return position
  let end = position + 1
  while (bytes[end] === ZERO) end++
  return end === position + 1 || isDigit(bytes[end]!) ? -1 : end
}

/** After `-12.5e+7`; -1 when it is no JSON number. */
export function skipNumber(bytes: Uint8Array, start: number): number {
  let position = bytes[start] === MINUS ? start + 1 : start
  if (bytes[position] === ZERO) position++
  else if ((position = skipDigits(bytes, position)) < 0) return -1
  if (bytes[position] === POINT && (position = skipDigits(bytes, position + 1)) < 0) return -1
  if ((bytes[position]! | 32) !== 101) return position
  position++
  if (bytes[position] === 43 || bytes[position] === MINUS) position++
  return skipDigits(bytes, position)
}

/** After one or more digits; -1 when there is none. */
function skipDigits(bytes: Uint8Array, start: number): number {
  let position = start
  while (isDigit(bytes[position]!)) position++
  return position === start ? -1 : position
}

const scratch = Buffer.alloc(64)

/** ASCII bytes as text. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length > scratch.length) return Buffer.from(bytes.subarray(start, end)).toString('latin1')
  for (let i = 0; i < length; i++) scratch[i] = bytes[start + i]!
  return scratch.toString('latin1', 0, length)
}
