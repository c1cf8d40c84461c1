import type { SectionReader, SectionWriter } from './byte-sections.ts'
import type { Frame } from './frame.ts'
import { ROUNDER } from './frame-of-doubles.ts'
import { mask8, mask16, mask32 } from './mask-nulls.ts'

const LIMB = 2 ** 32

/** Writes the distances of `values`, whose frame this is. Where `nulls` is 1 the distance is written as 0, whatever the slot holds. */
export function packDoubles(writer: SectionWriter, values: Float64Array, nulls: Uint8Array | null, frame: Frame): void {
  const { length } = values
  const pack = frame.parts === 1 ? WHOLES : PARTS
  switch (frame.width) {
    case 0:
      return
    case 1: {
      const target = writer.section(length)
      pack.to8(target, values, frame)
      mask8(target, nulls)
      return
    }
    case 2: {
      const target = writer.section16(length)
      pack.to16(target, values, frame)
      mask16(target, nulls)
      return
    }
    case 4: {
      const target = writer.section32(length)
      pack.to32(target, values, frame)
      mask32(target, nulls)
      return
    }
    case 6: {
      const low = writer.section32(length)
      pack.to32(low, values, frame)
      mask32(low, nulls)
      const high = writer.section16(length)
      packHighLimbs(high, values, frame)
      mask16(high, nulls)
    }
  }
}

const WHOLES = {
  to8(target: Uint8Array, values: Float64Array, { least }: Frame): void {
    for (let row = 0; row < values.length; row++) target[row] = values[row] - least
  },
  to16(target: Uint16Array, values: Float64Array, { least }: Frame): void {
    for (let row = 0; row < values.length; row++) target[row] = values[row] - least
  },
  to32(target: Uint32Array, values: Float64Array, { least }: Frame): void {
    for (let row = 0; row < values.length; row++) target[row] = values[row] - least
  },
}

const PARTS = {
  to8(target: Uint8Array, values: Float64Array, { least, parts }: Frame): void {
    for (let row = 0; row < values.length; row++) target[row] = values[row] * parts + ROUNDER - ROUNDER - least
  },
  to16(target: Uint16Array, values: Float64Array, { least, parts }: Frame): void {
    for (let row = 0; row < values.length; row++) target[row] = values[row] * parts + ROUNDER - ROUNDER - least
  },
  to32(target: Uint32Array, values: Float64Array, { least, parts }: Frame): void {
    for (let row = 0; row < values.length; row++) target[row] = values[row] * parts + ROUNDER - ROUNDER - least
  },
}

function packHighLimbs(target: Uint16Array, values: Float64Array, { least, parts }: Frame): void {
  for (let row = 0; row < values.length; row++) {
    const whole = parts === 1 ? values[row] : values[row] * parts + ROUNDER - ROUNDER
    target[row] = (whole - least) / LIMB
  }
}

/** Fills `values` with those of the selected rows; rows that are null become 0. */
export function unpackDoubles(
  reader: SectionReader,
  values: Float64Array,
  nulls: Uint8Array | null,
  frame: Frame,
): void {
  const { length } = values
  const { least, width, parts } = frame
  if (width === 0) values.fill(least / parts)
  else if (width === 1) UNPACK.from8(values, reader.rows8(), frame)
  else if (width === 2) UNPACK.from16(values, reader.rows16(), frame)
  else if (width === 4) UNPACK.from32(values, reader.rows32(), frame)
  else unpackLimbs(values, reader.rows32(), reader.rows16(), frame)
  // What is added makes 0 of -0.
  if (nulls !== null) for (let row = 0; row < length; row++) values[row] = values[row] * (1 - nulls[row]) + 0
}

const UNPACK = {
  from8(values: Float64Array, source: Uint8Array, { least, parts }: Frame): void {
    if (parts === 1) for (let row = 0; row < values.length; row++) values[row] = source[row] + least
    else for (let row = 0; row < values.length; row++) values[row] = (source[row] + least) / parts
  },
  from16(values: Float64Array, source: Uint16Array, { least, parts }: Frame): void {
    if (parts === 1) for (let row = 0; row < values.length; row++) values[row] = source[row] + least
    else for (let row = 0; row < values.length; row++) values[row] = (source[row] + least) / parts
  },
  from32(values: Float64Array, source: Uint32Array, { least, parts }: Frame): void {
    if (parts === 1) for (let row = 0; row < values.length; row++) values[row] = source[row] + least
    else for (let row = 0; row < values.length; row++) values[row] = (source[row] + least) / parts
  },
}

function unpackLimbs(values: Float64Array, low: Uint32Array, high: Uint16Array, { least, parts }: Frame): void {
  for (let row = 0; row < values.length; row++) values[row] = (high[row] * LIMB + low[row] + least) / parts
}
