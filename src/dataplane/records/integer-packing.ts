import type { SectionReader, SectionWriter } from './byte-sections.ts'

/**
 * Frame of reference: each integer of a section as its distance from the least one, in the fewest bytes that hold every
 * distance: 0 (all are equal), 1, 2, 4, or 6 (two limbs: 4 bytes and 2). Wider ranges are not packed.
 */
export type PackedWidth = 0 | 1 | 2 | 4 | 6

type Integers = Float64Array | Int32Array

export function packedWidth(range: number): PackedWidth | undefined {
  if (range === 0) return 0
  if (range <= 0xff) return 1
  if (range <= 0xffff) return 2
  if (range <= 0xffffffff) return 4
  if (range < 2 ** 48) return 6
  return undefined
}

/** Writes `values - least`. Where `nulls` is 1 the distance is written as 0, whatever the slot holds. */
export function writePacked(
  writer: SectionWriter,
  values: Integers,
  nulls: Uint8Array | null,
  least: number,
  width: PackedWidth,
): void {
  const count = values.length
  if (width === 0) return
  if (width === 6) {
    writeTwoLimbs(writer, values, nulls, least)
    return
  }
  const target = unsigned(writer.section(count * width), width)
  if (target instanceof Uint8Array) subtractTo8(target, values, least)
  else if (target instanceof Uint16Array) subtractTo16(target, values, least)
  else subtractTo32(target, values, least)
  if (nulls === null) return
  // A flag less one is a mask: nothing for 1, everything for 0.
  for (let row = 0; row < count; row++) target[row] &= nulls[row] - 1
}

// Three times the same loop: one that meets every kind of array is three times slower.
function subtractTo8(target: Uint8Array, values: Integers, least: number): void {
  for (let row = 0; row < values.length; row++) target[row] = values[row] - least
}

function subtractTo16(target: Uint16Array, values: Integers, least: number): void {
  for (let row = 0; row < values.length; row++) target[row] = values[row] - least
}

function subtractTo32(target: Uint32Array, values: Integers, least: number): void {
  for (let row = 0; row < values.length; row++) target[row] = values[row] - least
}

/** Fills `values`; rows that are null become 0. */
export function readPacked(
  reader: SectionReader,
  values: Integers,
  nulls: Uint8Array | null,
  least: number,
  width: PackedWidth,
): void {
  const count = values.length
  if (width === 0) values.fill(least)
  else if (width === 6) readTwoLimbs(reader, values, least)
  else {
    const source = unsigned(reader.section(count * width), width)
    for (let row = 0; row < count; row++) values[row] = source[row] + least
  }
  if (nulls === null) return
  for (let row = 0; row < count; row++) if (nulls[row] === 1) values[row] = 0
}

/** Fills `values` with `entries` at the packed places, which were written with 0 as the least one. */
export function lookUpPacked(
  reader: SectionReader,
  values: Float64Array,
  entries: Float64Array,
  width: PackedWidth,
): void {
  const places =
    width === 1 || width === 2 ? unsigned(reader.section(values.length * width), width) : new Int32Array(values.length)
  if (width > 2) readPacked(reader, places as Int32Array, null, 0, width)
  for (let row = 0; row < values.length; row++) values[row] = entries[places[row]]
}

const LIMB = 2 ** 32

function writeTwoLimbs(writer: SectionWriter, values: Integers, nulls: Uint8Array | null, least: number): void {
  const count = values.length
  const low = unsigned(writer.section(count * 4), 4)
  for (let row = 0; row < count; row++) {
    const distance = nulls !== null && nulls[row] === 1 ? 0 : values[row] - least
    low[row] = distance % LIMB
  }
  const high = unsigned(writer.section(count * 2), 2)
  for (let row = 0; row < count; row++) {
    const distance = nulls !== null && nulls[row] === 1 ? 0 : values[row] - least
    high[row] = Math.floor(distance / LIMB)
  }
}

function readTwoLimbs(reader: SectionReader, values: Integers, least: number): void {
  const low = unsigned(reader.section(values.length * 4), 4)
  const high = unsigned(reader.section(values.length * 2), 2)
  for (let row = 0; row < values.length; row++) values[row] = high[row] * LIMB + low[row] + least
}

function unsigned(section: Uint8Array, width: 1 | 2 | 4): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return section
  const { buffer, byteOffset, byteLength } = section
  return width === 2
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint32Array(buffer, byteOffset, byteLength / 4)
}
