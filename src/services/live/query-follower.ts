import type { ResultReader, RowSelection, ServedRow } from '#dataplane/sinks/sink.ts'
import {
  type FollowedRow,
  type FollowPosition,
  LAST_PART,
  type LiveResults,
  PART_CHARACTERS,
  PART_ROWS,
  positionText,
  type ResultPart,
} from './live-results.ts'

/** What one who follows a query is told, in this order: a snapshot in pieces, its end, then changes; a new snapshot where some were missed. */
export type FollowerNews =
  /** `first`: all that was known before is void. */
  | { readonly kind: 'snapshot'; readonly first: boolean; readonly rows: readonly FollowedRow[] }
  | { readonly kind: 'snapshot-end'; readonly rowCount: number; readonly id: string }
  | {
      readonly kind: 'changes'
      readonly rows: readonly FollowedRow[]
      readonly removedKeys: readonly string[]
      readonly id: string
    }

/** Which rows are followed. `latest` bounds snapshots alone. */
export interface FollowedRows extends Pick<RowSelection, 'fromMs' | 'toMs' | 'key'> {
  readonly latest?: number
}

export interface QueryFollowerSpec {
  readonly results: LiveResults
  readonly openReader: () => ResultReader
  readonly query: string
  readonly selection: FollowedRows
  /** Where the follower stood before; undefined for a new one. */
  readonly from: FollowPosition | undefined
}

interface Snapshot {
  readonly reader: ResultReader
  readonly position: FollowPosition
  readonly rows: Iterator<ServedRow>
  pieces: number
  rowCount: number
  /** The last row was taken. */
  exhausted: boolean
}

/**
 * One follower of one query, asked for the next piece whenever it can be sent. A snapshot is read in one read transaction, which knows the
 * commit it shows; the changes that follow are exactly those of later commits. So there is no gap and no step back.
 */
export class QueryFollower {
  readonly query: string
  readonly #spec: QueryFollowerSpec
  #position: FollowPosition | undefined
  #snapshot: Snapshot | null = null
  /** The generation that was the newest heard of when the file already held a younger one: news of that are on their way. */
  #olderGeneration: string | null = null

  constructor(spec: QueryFollowerSpec) {
    this.#spec = spec
    this.query = spec.query
    const { last } = spec.results
    const ahead = spec.from?.generation === last.generation && spec.from.sequence > last.sequence
    this.#position = ahead ? undefined : spec.from
  }

  get inSnapshot(): boolean {
    return this.#snapshot !== null
  }

  /** Undefined when there is nothing new. Reads at most one piece. */
  next(): FollowerNews | undefined {
    for (;;) {
      if (this.#snapshot !== null) return this.#nextOfSnapshot(this.#snapshot)
      const { results } = this.#spec
      const part = this.#position === undefined ? 'forgotten' : results.after(this.query, this.#position)
      if (part === undefined) return undefined
      if (part === 'forgotten') {
        if (this.#olderGeneration === results.last.generation) return undefined
        this.#beginSnapshot()
        continue
      }
      this.#position = part.position
      const news = this.#newsOf(part)
      if (news !== undefined) return news
    }
  }

  close(): void {
    this.#snapshot?.reader.close()
    this.#snapshot = null
  }

  #beginSnapshot(): void {
    const { results, openReader, query, selection } = this.#spec
    const reader = openReader()
    try {
      const commit = reader.hold() ?? { generation: '', sequence: 0 }
      this.#olderGeneration = commit.generation === results.last.generation ? null : results.last.generation
      const { latest, ...chosen } = selection
      const rows = reader.select(query, { ...chosen, newestFirst: latest !== undefined })[Symbol.iterator]()
      this.#snapshot = {
        reader,
        position: { ...commit, part: LAST_PART },
        rows,
        pieces: 0,
        rowCount: 0,
        exhausted: false,
      }
    } catch (error) {
      reader.close()
      throw error
    }
  }

  #nextOfSnapshot(snapshot: Snapshot): FollowerNews {
    const rows = snapshot.exhausted ? [] : takePiece(snapshot, this.#spec.selection.latest ?? Number.POSITIVE_INFINITY)
    if (rows.length > 0 || snapshot.pieces === 0) return { kind: 'snapshot', first: snapshot.pieces++ === 0, rows }
    this.close()
    this.#position = snapshot.position
    return { kind: 'snapshot-end', rowCount: snapshot.rowCount, id: positionText(snapshot.position) }
  }

  #newsOf({ position, rows, removedKeys }: ResultPart): FollowerNews | undefined {
    const chosen = rows.filter((row) => isChosen(row, this.#spec.selection))
    if (chosen.length + removedKeys.length === 0) return undefined
    return { kind: 'changes', rows: chosen, removedKeys, id: positionText(position) }
  }
}

function takePiece(snapshot: Snapshot, latest: number): readonly FollowedRow[] {
  const piece: ServedRow[] = []
  let characters = 0
  while (piece.length < PART_ROWS && characters < PART_CHARACTERS) {
    const { value, done } = snapshot.rowCount < latest ? snapshot.rows.next() : { value: undefined, done: true }
    if (done === true) {
      snapshot.exhausted = true
      break
    }
    piece.push(value!)
    characters += value!.key.length + value!.row.length
    snapshot.rowCount++
  }
  return piece
}

const isChosen = ({ key, windowStart }: FollowedRow, { fromMs, toMs, key: wanted }: FollowedRows): boolean =>
  (fromMs === undefined || (windowStart !== null && windowStart >= fromMs)) &&
  (toMs === undefined || (windowStart !== null && windowStart < toMs)) &&
  (wanted === undefined || key === wanted)
