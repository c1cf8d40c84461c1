import { closeSync, openSync, readSync } from 'node:fs'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { SourcePart } from './source.ts'

const LINE_FEED = 10
const LINE_END = Uint8Array.of(LINE_FEED)
const NONE = -1

/**
 * The lines that belong to a part: those whose first byte lies in it, the last one to its end wherever that is; the last part has all to the
 * end of the file. In pieces, each valid until the next one is asked for.
 * @param room memory for the next piece
 * @throws MSB_INPUT_UNREADABLE
 */
export function* readPart(part: SourcePart, room: () => Uint8Array): Iterable<Uint8Array> {
  try {
    yield* linesOf(part, room)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause
    throw new MysimbdpError(
      'MSB_INPUT_UNREADABLE',
      `'${part.path}' cannot be read any more: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

function* linesOf({ path, from, to, last }: SourcePart, room: () => Uint8Array): Iterable<Uint8Array> {
  const file = openSync(path, 'r')
  const read = (position: number, upTo: number): Uint8Array => {
    const memory = room()
    return memory.subarray(0, readSync(file, memory, 0, Math.min(memory.length, upTo - position), position))
  }
  try {
    // A line begins at `from` when a line feed is before it.
    let begun = from === 0
    let lastByte = NONE
    // A file may have grown since it was parted, and its last line with it.
    const end = last ? Number.POSITIVE_INFINITY : to
    for (let position = begun ? 0 : from - 1; position < end; ) {
      const piece = read(position, end)
      if (piece.length === 0) return
      position += piece.length
      lastByte = piece.at(-1)!
      const lineFeed = begun ? NONE : piece.indexOf(LINE_FEED)
      begun ||= lineFeed !== NONE
      if (begun && lineFeed + 1 < piece.length) yield piece.subarray(lineFeed + 1)
    }
    if (begun && !last && lastByte !== LINE_FEED)
      yield* restOfLine((position) => read(position, Number.POSITIVE_INFINITY), to)
  } finally {
    closeSync(file)
  }
}

function* restOfLine(read: (position: number) => Uint8Array, from: number): Iterable<Uint8Array> {
  for (let position = from; ; ) {
    const piece = read(position)
    const end = piece.indexOf(LINE_FEED) + 1
    if (piece.length === 0) {
      // The file ends without a line end, and the part that it ends with has no line of its own.
      yield LINE_END
      return
    }
    yield end > 0 ? piece.subarray(0, end) : piece
    if (end > 0) return
    position += piece.length
  }
}
