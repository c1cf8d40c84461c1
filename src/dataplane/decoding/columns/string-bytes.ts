/** Reading the content of JSON strings from bytes that are known to be valid UTF-8. */

const QUOTE = 34
const BACKSLASH = 92
const BACKSLASHES = 0x5c5c5c5c
const ONES = 0x01010101
const HIGH_BITS = 0x80808080 | 0
/** Exchanges the quote (34) with the space (32): then quotes and control characters are the bytes below 33. */
const QUOTE_TO_SPACE = 0x02020202
const FIRST_PLAIN = 0x21212121

/**
 * Marks quotes, backslashes and control characters among four bytes. Subtracting from a byte borrows into its high bit where
 * the byte was smaller; a mark above the first one may be false.
 */
function marksOf(word: number): number {
  const exchanged = word ^ QUOTE_TO_SPACE
  const backslash = word ^ BACKSLASHES
  return (((exchanged - FIRST_PLAIN) & ~exchanged) | ((backslash - ONES) & ~backslash)) & HIGH_BITS
}

/** Position of the first quote, backslash or control character from `start` on. */
export function endOfPlainText(bytes: Uint8Array, view: DataView, start: number): number {
  let position = start
  while ((marksOf(view.getInt32(position, true)) | marksOf(view.getInt32(position + 4, true))) === 0) position += 8
  for (;;) {
    const byte = bytes[position]!
    if (byte === QUOTE || byte === BACKSLASH || byte < 32) return position
    position++
  }
}

const FIRST_LANE = 0x9e3779b1
const SECOND_LANE = 0x85ebca6b

/** The end of the plain text, and the hash of the text up to there. */
export interface PlainText {
  end: number
  hash: number
}

/** `endOfPlainText` and `hashBytes` in one go. */
export function scanPlainText(bytes: Uint8Array, view: DataView, start: number, found: PlainText): void {
  let hash = 0
  let other = 0
  let position = start
  for (;;) {
    const word = view.getInt32(position, true)
    const next = view.getInt32(position + 4, true)
    if ((marksOf(word) | marksOf(next)) !== 0) break
    hash = Math.imul(hash ^ word, FIRST_LANE)
    other = Math.imul(other ^ next, SECOND_LANE)
    hash ^= hash >>> 15
    other ^= other >>> 15
    position += 8
  }
  for (;;) {
    const byte = bytes[position]!
    if (byte === QUOTE || byte === BACKSLASH || byte < 32) break
    hash = Math.imul(hash ^ byte, SECOND_LANE)
    position++
  }
  found.end = position
  found.hash = mixed(hash, other, position - start)
}

/** One hash for equal bytes: two lanes of four bytes, which the processor works on at the same time, then the rest. */
export function hashBytes(bytes: Uint8Array, view: DataView, start: number, length: number): number {
  let hash = 0
  let other = 0
  let position = start
  for (const end = start + length - 7; position < end; position += 8) {
    hash = Math.imul(hash ^ view.getInt32(position, true), FIRST_LANE)
    other = Math.imul(other ^ view.getInt32(position + 4, true), SECOND_LANE)
    hash ^= hash >>> 15
    other ^= other >>> 15
  }
  for (const end = start + length; position < end; position++) hash = Math.imul(hash ^ bytes[position]!, SECOND_LANE)
  return mixed(hash, other, length)
}

function mixed(hash: number, other: number, length: number): number {
  const joined = Math.imul(hash ^ (hash >>> 15) ^ Math.imul(other, FIRST_LANE) ^ length, 0xc2b2ae35)
  return joined ^ (joined >>> 16)
}

const SINGLE_ESCAPES = new Map([
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
  [47, 47],
  [98, 8],
  [102, 12],
  [110, 10],
  [114, 13],
  [116, 9],
])

/** A string without its escapes: `length` bytes of UTF-8 at the start of `bytes`, and the position after the closing quote. */
export interface Unescaped {
  bytes: Uint8Array
  view: DataView
  length: number
  end: number
}

export function createUnescaped(capacity: number): Unescaped {
  const bytes = new Uint8Array(capacity)
  return { bytes, view: new DataView(bytes.buffer), length: 0, end: 0 }
}

const SLACK_BYTES = 8

/** Resolves the escapes of a string whose content begins at `start`. False when it is no JSON string or a surrogate has no partner. */
export function unescapeString(bytes: Uint8Array, start: number, into: Unescaped): boolean {
  let position = start
  into.length = 0
  for (;;) {
    const byte = bytes[position]!
    if (into.length + SLACK_BYTES > into.bytes.length) growUnescaped(into)
    if (byte === QUOTE) {
      into.end = position + 1
      return true
    }
    if (!(byte >= 32)) return false
    if (byte !== BACKSLASH) {
      into.bytes[into.length++] = byte
      position++
      continue
    }
    const single = SINGLE_ESCAPES.get(bytes[position + 1]!)
    if (single !== undefined) {
      into.bytes[into.length++] = single
      position += 2
      continue
    }
    position = unescapeCodePoint(bytes, position, into)
    if (position < 0) return false
  }
}

/** `\u00e9`, or a pair of surrogates, at `position`. Returns the position after it or -1. */
function unescapeCodePoint(bytes: Uint8Array, position: number, into: Unescaped): number {
  const unit = escapedUnit(bytes, position)
  if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff)) return -1
  if (unit < 0xd800 || unit > 0xdfff) {
    appendCodePoint(unit, into)
    return position + 6
  }
  const low = escapedUnit(bytes, position + 6)
  if (low < 0xdc00 || low > 0xdfff) return -1
  appendCodePoint(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), into)
  return position + 12
}

/** The code unit of `\uXXXX` at `position`; -1 when there is none. */
export function escapedUnit(bytes: Uint8Array, position: number): number {
  if (bytes[position] !== BACKSLASH || bytes[position + 1] !== 117) return -1
  let unit = 0
  for (let i = 2; i < 6; i++) {
    const byte = bytes[position + i]!
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : (byte | 32) >= 97 && (byte | 32) <= 102 ? (byte | 32) - 87 : -1
    if (digit < 0) return -1
    unit = unit * 16 + digit
  }
  return unit
}

function appendCodePoint(codePoint: number, into: Unescaped): void {
  const { bytes } = into
  if (codePoint < 0x80) bytes[into.length++] = codePoint
  else if (codePoint < 0x800) bytes[into.length++] = 0xc0 | (codePoint >> 6)
  else if (codePoint < 0x10000) bytes[into.length++] = 0xe0 | (codePoint >> 12)
  else {
    bytes[into.length++] = 0xf0 | (codePoint >> 18)
    bytes[into.length++] = 0x80 | ((codePoint >> 12) & 0x3f)
  }
  if (codePoint >= 0x800) bytes[into.length++] = 0x80 | ((codePoint >> 6) & 0x3f)
  if (codePoint >= 0x80) bytes[into.length++] = 0x80 | (codePoint & 0x3f)
}

function growUnescaped(into: Unescaped): void {
  const bytes = new Uint8Array(into.bytes.length * 2)
  bytes.set(into.bytes)
  into.bytes = bytes
  into.view = new DataView(bytes.buffer)
}
