import { skipNumber } from '../columns/number-bytes.ts'
import { endOfPlainText, escapedUnit } from '../columns/string-bytes.ts'

/**
 * Walks over JSON in a line of valid UTF-8 that ends with a line feed. All functions stop there, because a line feed occurs
 * neither in a token nor, here, as white space. They answer the position after what they skipped, or -1 when it is not
 * well formed or not simple enough to be sure.
 */

const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const CLOSE_BRACE = 125
const DEPTH_MAX = 64

/** `null`, `true` and `alse` as little-endian words. */
export const NULL_WORD = 0x6c6c756e
const TRUE_WORD = 0x65757274
const ALSE_WORD = 0x65736c61

export function skipSpace(bytes: Uint8Array, start: number): number {
  let position = start
  for (let byte = bytes[position]; byte === 32 || byte === 9 || byte === 13; byte = bytes[++position]);
  return position
}

/** `start` is after the opening quote. */
export function skipString(bytes: Uint8Array, view: DataView, start: number): number {
  let position = start
  for (;;) {
    position = endOfPlainText(bytes, view, position)
    if (bytes[position] === QUOTE) return position + 1
    if (bytes[position] !== BACKSLASH) return -1
    position = skipEscape(bytes, position)
    if (position < 0) return -1
  }
}

function skipEscape(bytes: Uint8Array, position: number): number {
  switch (bytes[position + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 47:
    case 98:
    case 102:
    case 110:
    case 114:
    case 116:
      return position + 2
    default: {
      const unit = escapedUnit(bytes, position)
      if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff)) return -1
      if (unit < 0xd800 || unit > 0xdfff) return position + 6
      const low = escapedUnit(bytes, position + 6)
      return low >= 0xdc00 && low <= 0xdfff ? position + 12 : -1
    }
  }
}

export function skipValue(bytes: Uint8Array, view: DataView, position: number, depth = 0): number {
  switch (bytes[position]) {
    case QUOTE:
      return skipString(bytes, view, position + 1)
    case 123:
      return skipObject(bytes, view, position + 1, depth + 1)
    case 91:
      return skipArray(bytes, view, position + 1, depth + 1)
    case 110:
      return view.getInt32(position, true) === NULL_WORD ? position + 4 : -1
    case 116:
      return view.getInt32(position, true) === TRUE_WORD ? position + 4 : -1
    case 102:
      return view.getInt32(position + 1, true) === ALSE_WORD ? position + 5 : -1
    default:
      return skipNumber(bytes, position)
  }
}

function skipObject(bytes: Uint8Array, view: DataView, start: number, depth: number): number {
  if (depth > DEPTH_MAX) return -1
  let position = skipSpace(bytes, start)
  if (bytes[position] === CLOSE_BRACE) return position + 1
  for (;;) {
    if (bytes[position] !== QUOTE) return -1
    position = skipString(bytes, view, position + 1)
    if (position < 0) return -1
    position = skipSpace(bytes, position)
    if (bytes[position] !== COLON) return -1
    position = skipMember(bytes, view, position + 1, depth)
    if (position < 0) return -1
    if (bytes[position] === CLOSE_BRACE) return position + 1
    if (bytes[position] !== COMMA) return -1
    position = skipSpace(bytes, position + 1)
  }
}

function skipArray(bytes: Uint8Array, view: DataView, start: number, depth: number): number {
  if (depth > DEPTH_MAX) return -1
  let position = skipSpace(bytes, start)
  if (bytes[position] === CLOSE_BRACKET) return position + 1
  for (;;) {
    position = skipMember(bytes, view, position, depth)
    if (position < 0) return -1
    if (bytes[position] === CLOSE_BRACKET) return position + 1
    if (bytes[position] !== COMMA) return -1
    position++
  }
}

/** A value with white space around it. */
function skipMember(bytes: Uint8Array, view: DataView, start: number, depth: number): number {
  const end = skipValue(bytes, view, skipSpace(bytes, start), depth)
  return end < 0 ? -1 : skipSpace(bytes, end)
}
