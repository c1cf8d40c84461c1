import { closeSync, openSync, readSync } from 'node:fs'
import { eventsHandled } from '#foundation/time/timers.ts'

const PIECE_BYTES = 256 * 1024
/** Between so many pieces signals and timers are let in: some milliseconds of work. */
const PIECES_AT_A_TIME = 16

/**
 * The content of a file in pieces, each in the memory that `room` gives, by default always the same. It is read synchronously, so that a piece is still in the processor's cache when
 * it is decoded: a read by another thread takes twice the processor time.
 * @param onRead told the bytes of each piece
 * @throws errors of the file system
 */
export async function* readPieces(
  path: string,
  onRead: (bytes: number) => void,
  room: () => Uint8Array = roomOfOne(),
): AsyncIterable<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    for (let piece = 1; ; piece++) {
      const memory = room()
      const bytes = readSync(file, memory)
      if (bytes === 0) return
      onRead(bytes)
      yield memory.subarray(0, bytes)
      if (piece % PIECES_AT_A_TIME === 0) await eventsHandled()
    }
  } finally {
    closeSync(file)
  }
}

function roomOfOne(): () => Uint8Array {
  const memory = new Uint8Array(PIECE_BYTES)
  return () => memory
}
