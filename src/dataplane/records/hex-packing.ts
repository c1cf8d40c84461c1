const DIGITS = '0123456789abcdef'

/** By byte: its two lower-case hexadecimal digits as they lie in memory, read as one number. */
const pairOf = new Uint16Array(256)
/** The reverse, or -1. */
const byteOf = new Int16Array(65536).fill(-1)

for (let byte = 0; byte < 256; byte++) {
  pairOf[byte] = DIGITS.charCodeAt(byte >> 4) | (DIGITS.charCodeAt(byte & 15) << 8)
  byteOf[pairOf[byte]] = byte
}

/** Two digits in each byte of `target`; false when `text` is not all lower-case hexadecimal digits. */
export function packHex(text: Uint8Array, target: Uint8Array): boolean {
  const pairs = asPairs(text)
  for (let at = 0; at < target.length; at++) {
    const byte = byteOf[pairs[at]]
    if (byte < 0) return false
    target[at] = byte
  }
  return true
}

/** The reverse; `text` is twice as long as `packed` and has memory of its own. */
export function unpackHex(packed: Uint8Array, text: Uint8Array): void {
  const pairs = asPairs(text)
  for (let at = 0; at < packed.length; at++) pairs[at] = pairOf[packed[at]]
}

/** A copy where the memory does not begin at an even address. */
function asPairs(text: Uint8Array): Uint16Array {
  const { buffer, byteOffset, byteLength } = text.byteOffset % 2 === 0 ? text : text.slice()
  return new Uint16Array(buffer, byteOffset, byteLength / 2)
}
