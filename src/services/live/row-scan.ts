import type { RowReader, RowSelection, ServedRow } from '#dataplane/sinks/sink.ts'
import { eventsHandled } from '#foundation/time/timers.ts'

/** Rows read before others get their turn. */
const ROWS_AT_A_TIME = 1000

export interface ScannedRows {
  readonly query: string
  readonly selection: RowSelection
  /** Rows that count at most. */
  readonly limit: number
  readonly isWanted: (row: ServedRow) => boolean
}

/**
 * Reads rows, as one commit left them where the store knows commits, some at a time, so that nobody else waits for long. Closes the reader at its end, also when the rows are not
 * taken to the end.
 */
export async function* scanRows(
  reader: RowReader,
  { query, selection, limit, isWanted }: ScannedRows,
): AsyncGenerator<readonly ServedRow[]> {
  try {
    reader.hold?.()
    let [piece, read, wanted]: [ServedRow[], number, number] = [[], 0, 0]
    for await (const row of reader.select(query, selection)) {
      if (isWanted(row)) {
        piece.push(row)
        wanted++
      }
      if (wanted === limit) break
      if (++read % ROWS_AT_A_TIME > 0) continue
      yield piece
      piece = []
      await eventsHandled()
    }
    yield piece
  } finally {
    await reader.close()
  }
}
