/**
 * Text of lower-case hexadecimal digits in half the bytes, eight digits at a time: four lie in a word, and all four are worked on at once. The
 * first four become the lower half of each byte, the other four the upper one.
 */

const ONES = 0x01010101
const LOW_HALVES = 0x0f0f0f0f
const BIT_4 = 0x10101010
const ZEROES = 0x30303030
/** A letter is 9 more than its lower half says. */
const LETTER = 9
/** What lies between '9' and 'a' beyond counting on. */
const LETTER_GAP = 0x27

let digits = new Uint32Array(0)
let digitBytes = new Uint8Array(digits.buffer)

/** Words that hold the packed form of so many digits. */
export const hexWords = (length: number): number => (length + 7) >> 3

/** Fills `target`, `hexWords(text.length)` long; false when `text` is not all lower-case hexadecimal digits. */
export function packHex(text: Uint8Array, target: Uint32Array): boolean {
  const source = digitsFor(target.length)
  digitBytes.set(text)
  digitBytes.fill(0x30, text.length, target.length * 8)
  let wrong = 0
  for (let at = 0; at < target.length; at++) {
    const first = source[at * 2]
    const firstLetters = (first >>> 6) & ONES
    const firstValues = (first & LOW_HALVES) + Math.imul(firstLetters, LETTER)
    const second = source[at * 2 + 1]
    const secondLetters = (second >>> 6) & ONES
    const secondValues = (second & LOW_HALVES) + Math.imul(secondLetters, LETTER)
    wrong |= faults(first, firstLetters, firstValues) | faults(second, secondLetters, secondValues)
    target[at] = firstValues | (secondValues << 4)
  }
  return wrong === 0
}

/** Not 0 where a byte is no digit: it is written otherwise than its value is, or a value above 9 is no letter, or one above 15. */
function faults(word: number, letters: number, values: number): number {
  const written = values + ZEROES + Math.imul(letters, LETTER_GAP)
  const aboveNine = ((values + 0x06060606) >>> 4) & ONES
  return (written ^ word) | (values & BIT_4) | (aboveNine ^ letters)
}

/** The reverse: `length` digits, in memory that the next call uses again. */
export function unpackHex(source: Uint32Array, length: number): Uint8Array {
  const target = digitsFor(source.length)
  for (let at = 0; at < source.length; at++) {
    const word = source[at]
    target[at * 2] = digitsOf(word & LOW_HALVES)
    target[at * 2 + 1] = digitsOf((word >>> 4) & LOW_HALVES)
  }
  return digitBytes.subarray(0, length)
}

function digitsOf(values: number): number {
  const letters = ((values + 0x06060606) >>> 4) & ONES
  return values + ZEROES + Math.imul(letters, LETTER_GAP)
}

/** Memory for two words of digits for each packed one. */
function digitsFor(words: number): Uint32Array {
  if (digits.length < words * 2) {
    digits = new Uint32Array(words * 4)
    digitBytes = new Uint8Array(digits.buffer)
  }
  return digits
}
