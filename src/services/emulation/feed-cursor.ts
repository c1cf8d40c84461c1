import type { FeedRecord } from './feed-record.ts'

/** A place in a feed. Records are numbered from 0: a record's number is the sequence it is sent with. */
export class FeedCursor {
  readonly #batches: AsyncIterator<readonly FeedRecord[]>
  #batch: readonly FeedRecord[] = []
  #at = 0
  #sequence = 0

  constructor(batches: AsyncIterable<readonly FeedRecord[]>) {
    this.#batches = batches[Symbol.asyncIterator]()
  }

  /** Number of the next record. */
  get sequence(): number {
    return this.#sequence
  }

  /** The next record, if it is there without waiting; undefined says nothing about the end. */
  get ready(): FeedRecord | undefined {
    return this.#batch[this.#at]
  }

  /** Makes the next record ready; false at the end. */
  async advance(): Promise<boolean> {
    while (this.ready === undefined) {
      const next = await this.#batches.next()
      if (next.done === true) return false
      this.#batch = next.value
      this.#at = 0
    }
    return true
  }

  /** Takes the record that is ready. */
  take(): FeedRecord {
    this.#sequence++
    return this.#batch[this.#at++]!
  }

  /** Goes on to the record with this number, or to the end when there are fewer. */
  async skipTo(sequence: number): Promise<void> {
    while (this.#sequence < sequence && (await this.advance())) {
      const skipped = Math.min(sequence - this.#sequence, this.#batch.length - this.#at)
      this.#at += skipped
      this.#sequence += skipped
    }
  }
}
