import type { SectionReader, SectionWriter } from './byte-sections.ts'

/** Writes flags (each 0 or 1) as one bit each. */
export function writeBits(writer: SectionWriter, flags: Uint8Array): void {
  const section = writer.section((flags.length + 7) >> 3)
  for (let byte = 0, row = 0; byte < section.length; byte++, row += 8) {
    let bits = 0
    // Beyond the end a flag reads as undefined, which shifts like 0; only the last byte meets that.
    for (let bit = 0; bit < 8; bit++) bits |= flags[row + bit] << bit
    section[byte] = bits
  }
}

export function readBits(reader: SectionReader, count: number): Uint8Array {
  const section = reader.section((count + 7) >> 3)
  const flags = new Uint8Array(count)
  for (let row = 0; row < count; row++) flags[row] = (section[row >> 3] >> (row & 7)) & 1
  return flags
}
