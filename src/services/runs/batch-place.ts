import type { LoggedBatch, RecordBatch } from '#dataplane/records/record-batch.ts'

/** Gives batches that were never in a log the places they would have there, one partition after the other. */
export class BatchPlaces {
  #offset = 0
  #maxEventTime = Number.NEGATIVE_INFINITY

  get offset(): number {
    return this.#offset
  }

  get maxEventTime(): number {
    return this.#maxEventTime
  }

  place(batch: RecordBatch, received: number, arrivalMs: number): LoggedBatch {
    const { eventTimes } = batch
    let [minEventTime, maxEventTime] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let row = 0; row < eventTimes.length; row++) {
      const eventTime = eventTimes[row]!
      if (eventTime < minEventTime) minEventTime = eventTime
      if (eventTime > maxEventTime) maxEventTime = eventTime
    }
    const placed = {
      partition: 0,
      baseOffset: this.#offset,
      endOffset: this.#offset + received,
      received,
      arrivalMs,
      maxEventTimeBefore: this.#maxEventTime,
      minEventTime,
      maxEventTime,
      batch,
    }
    this.#offset += received
    this.#maxEventTime = Math.max(this.#maxEventTime, maxEventTime)
    return placed
  }
}
