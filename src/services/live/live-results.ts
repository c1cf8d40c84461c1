import type { JobCommit } from '#dataplane/engines/engine.ts'

/** A row as followers get it. */
export interface FollowedRow {
  readonly key: string
  readonly windowStart: number | null
  /** JSON text (semantics 6.1). */
  readonly row: string
}

/** How far a follower has come: to this part of this commit. A commit of many rows comes in parts; the last one completes it. */
export interface FollowPosition {
  readonly generation: string
  readonly sequence: number
  /** From 1; `LAST_PART` for the whole commit. */
  readonly part: number
}

export const LAST_PART = Number.POSITIVE_INFINITY

/** A part of what a commit changed in the results of one query. */
export interface ResultPart {
  readonly query: string
  readonly position: FollowPosition
  readonly rows: readonly FollowedRow[]
  readonly removedKeys: readonly string[]
}

/** Rows in a part at most, and characters of text from which on it takes no more. */
export const PART_ROWS = 500
export const PART_CHARACTERS = 256 * 1024

/** Two bytes for a character, and something for the objects around the text. */
const PART_OVERHEAD_BYTES = 400
const ROW_OVERHEAD_BYTES = 100
const KEPT_BYTES = 16 * 1024 * 1024

/**
 * What the last commits of a job changed, for all who follow: they read from here at their own pace, each from where it stands, so a slow
 * one costs no memory. What no longer fits is forgotten; whoever had not read it yet needs a snapshot.
 */
export class LiveResults {
  readonly #keptBytes: number
  readonly #parts = new Map<string, ResultPart[]>()
  /** All parts in order, to forget the oldest first. */
  #order: ResultPart[] = []
  /** The newest part that was forgotten, by query. */
  readonly #forgotten = new Map<string, FollowPosition>()
  readonly #listeners = new Set<() => void>()
  #bytes = 0
  #last: { readonly generation: string; readonly sequence: number } = { generation: '', sequence: 0 }
  #ended = false

  constructor({ keptBytes = KEPT_BYTES }: { readonly keptBytes?: number } = {}) {
    this.#keptBytes = keptBytes
  }

  /** The newest commit that was heard of; its generation is empty before the first. */
  get last(): { readonly generation: string; readonly sequence: number } {
    return this.#last
  }

  /** No commit will follow: the app has been stopped. */
  get ended(): boolean {
    return this.#ended
  }

  publish({ position, changes }: Pick<JobCommit, 'position' | 'changes'>): void {
    if (position.generation !== this.#last.generation) this.#forgetAll()
    this.#last = position
    for (const { query, rows, removedKeys } of changes) {
      if (rows === null) {
        this.#forgetQuery(query, { ...position, part: LAST_PART })
        continue
      }
      const removed = new Set(removedKeys)
      const kept = removed.size === 0 ? rows : rows.filter(({ key }) => !removed.has(key))
      for (const part of partsOf(query, position, kept, removedKeys)) this.#keep(part)
    }
    this.#tellListeners()
  }

  /** The part that follows on a position; undefined when none has come yet, `forgotten` when it is not here any more. */
  after(query: string, position: FollowPosition): ResultPart | undefined | 'forgotten' {
    if (position.generation !== this.#last.generation) return 'forgotten'
    const forgotten = this.#forgotten.get(query)
    if (forgotten !== undefined && isBefore(position, forgotten)) return 'forgotten'
    const parts = this.#parts.get(query) ?? []
    let [low, high] = [0, parts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(position, parts[middle]!.position)) high = middle
      else low = middle + 1
    }
    return parts[low]
  }

  /** Calls `listener` after every commit, and when the results end, until the answer is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  end(): void {
    this.#ended = true
    this.#tellListeners()
  }

  #tellListeners(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #keep(part: ResultPart): void {
    const parts = this.#parts.get(part.query) ?? []
    this.#parts.set(part.query, parts)
    parts.push(part)
    this.#order.push(part)
    this.#bytes += bytesOf(part)
    let forgotten = 0
    while (this.#bytes > this.#keptBytes) this.#forget(this.#order[forgotten++]!)
    if (forgotten > 0) this.#order = this.#order.slice(forgotten)
  }

  #forget(oldest: ResultPart): void {
    this.#parts.get(oldest.query)!.shift()
    this.#forgotten.set(oldest.query, oldest.position)
    this.#bytes -= bytesOf(oldest)
  }

  /** Whoever follows a query and has not come to a position needs a snapshot. */
  #forgetQuery(query: string, position: FollowPosition): void {
    while ((this.#parts.get(query)?.length ?? 0) > 0) this.#forget(this.#parts.get(query)![0]!)
    this.#order = this.#order.filter((part) => part.query !== query)
    this.#forgotten.set(query, position)
  }

  #forgetAll(): void {
    this.#parts.clear()
    this.#forgotten.clear()
    this.#order = []
    this.#bytes = 0
  }
}

const isBefore = (a: FollowPosition, b: FollowPosition): boolean =>
  a.sequence < b.sequence || (a.sequence === b.sequence && a.part < b.part)

const bytesOf = ({ rows, removedKeys }: ResultPart): number =>
  PART_OVERHEAD_BYTES +
  rows.reduce((sum, { key, row }) => sum + ROW_OVERHEAD_BYTES + 2 * (key.length + row.length), 0) +
  removedKeys.reduce((sum, key) => sum + ROW_OVERHEAD_BYTES + 2 * key.length, 0)

/** Cuts a commit's changes of a query into parts that can be sent as one event each. */
function* partsOf(
  query: string,
  position: { readonly generation: string; readonly sequence: number },
  rows: readonly FollowedRow[],
  removedKeys: readonly string[],
): Iterable<ResultPart> {
  const contents = [
    ...cut(rows, ({ key, row }) => key.length + row.length).map((some) => ({ rows: some, removedKeys: [] })),
    ...cut(removedKeys, (key) => key.length).map((some) => ({ rows: [], removedKeys: some })),
  ]
  for (const [i, content] of contents.entries())
    yield { query, position: { ...position, part: i === contents.length - 1 ? LAST_PART : i + 1 }, ...content }
}

function cut<T>(items: readonly T[], charactersOf: (item: T) => number): readonly (readonly T[])[] {
  const pieces: T[][] = []
  let characters = PART_CHARACTERS
  for (const item of items) {
    if (characters >= PART_CHARACTERS || pieces.at(-1)!.length >= PART_ROWS) {
      pieces.push([])
      characters = 0
    }
    pieces.at(-1)!.push(item)
    characters += charactersOf(item)
  }
  return pieces
}

/** `{generation}-{sequence}`, and `.{part}` where the commit has further parts. */
export const positionText = ({ generation, sequence, part }: FollowPosition): string =>
  `${generation}-${sequence}${part === LAST_PART ? '' : `.${part}`}`

/** Undefined for a text that is no position. */
export function parsePosition(text: string): FollowPosition | undefined {
  const [, generation, sequence, part] = /^([0-9a-z]+)-(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text) ?? []
  if (generation === undefined) return undefined
  return { generation, sequence: Number(sequence), part: part === undefined ? LAST_PART : Number(part) }
}
