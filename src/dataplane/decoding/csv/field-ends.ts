/** Where CSV fields without quotes end, four bytes at a time. The bytes hold a line feed further on. */

const LINE_FEED = 10
const QUOTE = 34
const COMMA = 44
const LINE_FEEDS = 0x0a0a0a0a
const QUOTES = 0x22222222
const COMMAS = 0x2c2c2c2c
const ABOVE_COMMA = 0x2d2d2d2d
const ONES = 0x01010101
const HIGH_BITS = 0x80808080 | 0
const LOW_BITS = 0x7f7f7f7f

/** Whether one of four bytes may be a comma or something below, as quotes and line feeds are. Letters and digits are not. */
const mayEnd = (word: number): boolean => ((word - ABOVE_COMMA) & ~word & HIGH_BITS) !== 0

/** Marks the bytes that are zero. The lowest mark is true; one above it may be false. */
const zeros = (word: number): number => (word - ONES) & ~word & HIGH_BITS

/** Position of the first comma, quote or line feed from `start` on. */
export function endOfField(view: DataView, start: number): number {
  for (let position = start; ; position += 4) {
    const word = view.getInt32(position, true)
    if (!mayEnd(word)) continue
    const marks = zeros(word ^ COMMAS) | zeros(word ^ QUOTES) | zeros(word ^ LINE_FEEDS)
    if (marks !== 0) return position + ((31 - Math.clz32(marks & -marks)) >> 3)
  }
}

/** Position after so many fields and their commas; -1 when there is a quote or the row ends before. */
export function afterFields(bytes: Uint8Array, view: DataView, start: number, count: number): number {
  let left = count
  for (let position = start; ; position += 4) {
    const word = view.getInt32(position, true)
    if (!mayEnd(word)) continue
    const commas = commasIn(word)
    if (commas < left && (zeros(word ^ QUOTES) | zeros(word ^ LINE_FEEDS)) === 0) {
      left -= commas
      continue
    }
    for (let at = position; at < position + 4; at++) {
      const byte = bytes[at]
      if (byte === QUOTE || byte === LINE_FEED) return -1
      if (byte === COMMA && --left === 0) return at + 1
    }
  }
}

/** How many of four bytes are commas: each gives one bit, without a carry between them, and a product adds them up. */
function commasIn(word: number): number {
  const other = word ^ COMMAS
  const marks = ~(((other & LOW_BITS) + LOW_BITS) | other | LOW_BITS)
  return Math.imul(marks >>> 7, ONES) >>> 24
}
