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

/** Marks commas, quotes and line feeds among four bytes. The lowest mark is true; one above it may be false. */
function marksOf(word: number): number {
  // Most bytes are letters and digits, which all lie above.
  if (((word - ABOVE_COMMA) & ~word & HIGH_BITS) === 0) return 0
  const comma = word ^ COMMAS
  const quote = word ^ QUOTES
  const lineFeed = word ^ LINE_FEEDS
  return (((comma - ONES) & ~comma) | ((quote - ONES) & ~quote) | ((lineFeed - ONES) & ~lineFeed)) & HIGH_BITS
}

/** Index of the byte that has the lowest mark. */
const lowestByte = (marks: number): number => (31 - Math.clz32(marks & -marks)) >> 3

/** Position of the first comma, quote or line feed from `start` on. */
export function endOfField(view: DataView, start: number): number {
  for (let position = start; ; position += 4) {
    const marks = marksOf(view.getInt32(position, true))
    if (marks !== 0) return position + lowestByte(marks)
  }
}

/** Position after so many fields and their commas; -1 when there is a quote or the row ends before. */
export function afterFields(bytes: Uint8Array, view: DataView, start: number, count: number): number {
  let left = count
  for (let position = start; ; position += 4) {
    let marks = marksOf(view.getInt32(position, true))
    for (; marks !== 0; marks &= marks - 1) {
      const at = position + lowestByte(marks)
      const byte = bytes[at]
      if (byte === QUOTE || byte === LINE_FEED) return -1
      if (byte === COMMA && --left === 0) return at + 1
    }
  }
}
