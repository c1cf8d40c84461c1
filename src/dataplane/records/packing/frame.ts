/**
 * Frame of reference: each number of a section as its distance from the least one, in the fewest bytes that hold every
 * distance: 0 (all are equal), 1, 2, 4, or 6 (two limbs: 4 bytes and 2). Wider ranges are not packed.
 */
export type PackedWidth = 0 | 1 | 2 | 4 | 6

export interface Frame {
  /** In parts. */
  readonly least: number
  readonly width: PackedWidth
  /** What one is counted in: 100 for numbers with two decimals, 1 for whole ones. A power of ten. */
  readonly parts: number
}

/** Undefined where the distances need more than 6 bytes. */
export function frameOf(least: number, greatest: number, parts: number): Frame | undefined {
  const width = packedWidth(greatest - least)
  return width === undefined ? undefined : { least, width, parts }
}

function packedWidth(range: number): PackedWidth | undefined {
  if (range === 0) return 0
  if (range <= 0xff) return 1
  if (range <= 0xffff) return 2
  if (range <= 0xffffffff) return 4
  return range < 2 ** 48 ? 6 : undefined
}

/** Of a column of nulls only. */
export const EMPTY_FRAME: Frame = { least: 0, width: 0, parts: 1 }
