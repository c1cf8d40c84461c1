import type { SectionReader, SectionWriter } from './byte-sections.ts'
import { EMPTY_FRAME, type Frame, frameOf } from './frame.ts'
import { mask8, mask16, mask32 } from './mask-nulls.ts'

let present = new Int32Array(0)

/** The frame of integers of 32 bits, whose distances always fit into 4 bytes. Where `nulls` is 1 a value does not count. */
export function frameOfInts(values: Int32Array, nulls: Uint8Array | null): Frame {
  const count = nulls === null ? values.length : keepPresent(values, nulls)
  return count === 0 ? EMPTY_FRAME : rangeOf(nulls === null ? values : present, count)
}

/** Copies the values that are not null to the front of `present`; answers how many. */
function keepPresent(values: Int32Array, nulls: Uint8Array): number {
  if (present.length < values.length) present = new Int32Array(values.length)
  const target = present
  let count = 0
  for (let row = 0; row < values.length; row++) {
    target[count] = values[row]
    count += 1 - nulls[row]
  }
  return count
}

function rangeOf(values: Int32Array, count: number): Frame {
  let least = values[0]
  let greatest = least
  for (let row = 1; row < count; row++) {
    const value = values[row]
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return frameOf(least, greatest, 1)!
}

/** Writes the distances of `values`. Where `nulls` is 1 the distance is written as 0, whatever the slot holds. */
export function packInts(
  writer: SectionWriter,
  values: Int32Array,
  nulls: Uint8Array | null,
  { least, width }: Frame,
): void {
  const { length } = values
  if (width === 1) {
    const target = writer.section(length)
    for (let row = 0; row < length; row++) target[row] = values[row] - least
    mask8(target, nulls)
  } else if (width === 2) {
    const target = writer.section16(length)
    for (let row = 0; row < length; row++) target[row] = values[row] - least
    mask16(target, nulls)
  } else if (width === 4) {
    const target = writer.section32(length)
    for (let row = 0; row < length; row++) target[row] = values[row] - least
    mask32(target, nulls)
  }
}

/** Fills `values` with those of the selected rows; rows that are null become 0. */
export function unpackInts(
  reader: SectionReader,
  values: Int32Array,
  nulls: Uint8Array | null,
  { least, width }: Frame,
): void {
  const { length } = values
  if (width === 0) values.fill(least)
  else if (width === 1) {
    const source = reader.rows8()
    for (let row = 0; row < length; row++) values[row] = source[row] + least
  } else if (width === 2) {
    const source = reader.rows16()
    for (let row = 0; row < length; row++) values[row] = source[row] + least
  } else {
    const source = reader.rows32()
    for (let row = 0; row < length; row++) values[row] = source[row] + least
  }
  if (nulls !== null) for (let row = 0; row < length; row++) values[row] &= nulls[row] - 1
}
