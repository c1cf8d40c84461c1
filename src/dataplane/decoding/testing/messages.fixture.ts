import type { Message } from '../message-decoder.ts'

const NOTHING = new Uint8Array(0)

/** A message that is these bytes, or one without a value. */
export const messageWith = (value: Uint8Array | null): Message =>
  value === null ? { bytes: NOTHING, start: -1, end: -1 } : { bytes: value, start: 0, end: value.length }
