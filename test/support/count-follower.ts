import { EventStream } from './event-stream.ts'

/** When a running total reached a count: the k-th record was counted in a result at the first step that is at least k. */
interface Step {
  readonly count: number
  readonly atMs: number
}

/** Follows a query in mode complete that counts all records, so that it is known when each of them was in a result. */
export class CountFollower {
  readonly #steps: Step[] = []
  readonly #byKey = new Map<string, number>()
  readonly #field: string
  readonly #events: EventStream
  #waiting: (() => void) | null = null
  #closed = false

  private constructor(events: EventStream, field: string) {
    this.#events = events
    this.#field = field
    void this.#read()
  }

  /** @param url of the query's live stream; `field` holds the count */
  static async open(url: string, field: string): Promise<CountFollower> {
    return new CountFollower(await EventStream.open(url), field)
  }

  get count(): number {
    return [...this.#byKey.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Resolves when so many records are in the result. */
  async reached(count: number): Promise<void> {
    while (this.count < count) await new Promise<void>((resolve) => (this.#waiting = resolve))
  }

  /** When the k-th record, counted from 1, was seen in a result; ms of the monotonic clock. */
  seenAtMs(k: number): number {
    let [low, high] = [0, this.#steps.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#steps[middle]!.count < k) low = middle + 1
      else high = middle
    }
    return this.#steps[low]?.atMs ?? Number.POSITIVE_INFINITY
  }

  close(): void {
    this.#closed = true
    this.#events.close()
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { data } = await this.#events.next()
        const { rows = [] } = JSON.parse(data) as { rows?: { key: string; row: Record<string, number> }[] }
        for (const { key, row } of rows) this.#byKey.set(key, row[this.#field]!)
        this.#steps.push({ count: this.count, atMs: performance.now() })
        this.#waiting?.()
        this.#waiting = null
      }
    } catch (error) {
      if (!this.#closed) throw error
    }
  }
}

/** The value below which so many of the sorted numbers lie. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
