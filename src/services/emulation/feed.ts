import { eventsHandled } from '#foundation/time/timers.ts'
import type { Schema } from '#language/schemas/schema.ts'
import { EventTimeSorter } from './event-time-sorter.ts'
import { FaultInjector, type FaultPlan } from './fault-injector.ts'
import { FeedCursor } from './feed-cursor.ts'
import type { EventTimeChoice, FeedRecord } from './feed-record.ts'
import { type FeedInput, readFeed } from './read-feed.ts'

export interface FeedSpec extends FeedInput {
  readonly schema: Schema
  readonly eventTimeChoice: EventTimeChoice
  /** By event time. */
  readonly sort: boolean
  readonly faults: FaultPlan
  /** Called while a feed that is sorted is read; `records` so far. */
  readonly onSorting?: (records: number) => void
}

/** The records that are sent, always the same ones in the same order: read, cleansed, sorted, spoilt. */
export class Feed {
  readonly #spec: FeedSpec
  #sorter: EventTimeSorter | null = null
  /** Records of the input that are not in the feed because they are incomplete, as far as it was read. */
  leftOut = 0
  /** Records of the feed before faults; null while it is not known. */
  records: number | null = null

  constructor(spec: FeedSpec) {
    this.#spec = spec
  }

  /** A walk through the feed from its beginning. A sorted feed is read and sorted by the first one only. */
  walk(): FeedCursor {
    return new FeedCursor(this.#batches())
  }

  /** Never throws. */
  close(): void {
    this.#sorter?.close()
  }

  async *#batches(): AsyncIterable<readonly FeedRecord[]> {
    const { faults, schema, eventTime, eventTimeChoice, sort } = this.#spec
    const injector = new FaultInjector(faults, schema, eventTime, eventTimeChoice)
    for await (const records of sort ? this.#sorted() : this.#read()) yield injector.apply(records)
    yield injector.end()
  }

  async *#read(): AsyncIterable<readonly FeedRecord[]> {
    let [records, leftOut] = [0, 0]
    for await (const batch of readFeed(this.#spec)) {
      records += batch.records.length
      leftOut += batch.leftOut
      this.leftOut = Math.max(this.leftOut, leftOut)
      yield batch.records
    }
    this.records = records
  }

  async *#sorted(): AsyncIterable<readonly FeedRecord[]> {
    if (this.#sorter === null) {
      const sorter = new EventTimeSorter()
      this.#sorter = sorter
      let read = 0
      for await (const records of this.#read()) {
        sorter.add(records)
        this.#spec.onSorting?.((read += records.length))
        // What is read may be generated without ever waiting: Ctrl-C would not be heard before the end.
        await eventsHandled()
      }
    }
    yield* this.#sorter.sorted()
  }
}
