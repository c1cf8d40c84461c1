const MARK = [0xef, 0xbb, 0xbf]

export const BYTE_ORDER_MARK_BYTES = MARK.length

/** Whether the bytes on [start, end) begin with UTF-8's byte order mark; `undecided` when they may yet. */
export function byteOrderMarkAt(bytes: Uint8Array, start: number, end: number): 'present' | 'absent' | 'undecided' {
  const length = Math.min(MARK.length, end - start)
  for (let i = 0; i < length; i++) if (bytes[start + i] !== MARK[i]) return 'absent'
  return length === MARK.length ? 'present' : 'undecided'
}
