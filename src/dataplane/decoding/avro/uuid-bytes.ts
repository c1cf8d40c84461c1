const HEX = new TextEncoder().encode('0123456789abcdef')
const HYPHEN = 45
const HYPHENS_BEFORE = new Set([4, 6, 8, 10])
/** Text of the uuid that was written last. */
const text = new Uint8Array(36)

/** The text of the 16 bytes at `start`, valid until the next call. */
export function uuidBytesOf(bytes: Uint8Array, start: number): Uint8Array {
  let length = 0
  for (let index = 0; index < 16; index++) {
    if (HYPHENS_BEFORE.has(index)) text[length++] = HYPHEN
    const byte = bytes[start + index]!
    text[length++] = HEX[byte >> 4]!
    text[length++] = HEX[byte & 15]!
  }
  return text
}
