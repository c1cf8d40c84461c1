/** Multiplied with four flags, one in each byte of a word, it brings them together in the four highest bits. */
const GATHER = 0x10204080
/** Multiplied with four bits it spreads them over the bytes of a word, each to the lowest bit. */
const SPREAD = 0x00204081
const LOWEST_BITS = 0x01010101

export const bitBytes = (flags: number): number => (flags + 7) >> 3

/** Writes flags (each 0 or 1) as one bit each into `target`, `bitBytes` long. */
export function packBits(flags: Uint8Array, target: Uint8Array): void {
  const view = new DataView(flags.buffer, flags.byteOffset, flags.byteLength)
  const whole = flags.length >> 3
  for (let at = 0; at < whole; at++) {
    const low = Math.imul(view.getUint32(at * 8, true), GATHER) >>> 28
    const high = Math.imul(view.getUint32(at * 8 + 4, true), GATHER) >>> 28
    target[at] = low | (high << 4)
  }
  if (whole === target.length) return
  let bits = 0
  for (let row = whole * 8; row < flags.length; row++) bits |= flags[row] << (row & 7)
  target[whole] = bits
}

/** The reverse. `words` is memory for the flags: two for each byte of `source`. */
export function unpackBits(source: Uint8Array, words: Uint32Array): void {
  for (let at = 0; at < source.length; at++) {
    words[at * 2] = Math.imul(source[at] & 15, SPREAD) & LOWEST_BITS
    words[at * 2 + 1] = Math.imul(source[at] >> 4, SPREAD) & LOWEST_BITS
  }
}
