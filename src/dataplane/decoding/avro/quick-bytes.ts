import { isUtf8 } from 'node:buffer'

const HIGH_BITS = 0x80808080 | 0

/** Whether the bytes on [start, end) are valid UTF-8. Short ASCII, as most texts are, needs no native call. */
export function isText(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
  let at = start
  let high = 0
  for (const last = end - 4; at <= last; at += 4) high |= view.getInt32(at, true) & HIGH_BITS
  for (; at < end; at++) high |= bytes[at]! & 0x80
  return high === 0 || isUtf8(bytes.subarray(start, end))
}

/** The position after a zigzag number, or -1 when it has more bytes than one may have. `position` is that of its second byte. */
export function endOfLongTail(bytes: Uint8Array, position: number): number {
  for (let at = position; at < position + 9; at++) if (bytes[at]! < 0x80) return at + 1
  return -1
}
