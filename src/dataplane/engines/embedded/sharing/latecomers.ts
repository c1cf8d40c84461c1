import type { LoggedBatch } from '../../../records/record-batch.ts'
import { grown } from '../grown-array.ts'

/**
 * The rows of a batch whose event time is behind the watermark before them (semantics 2.2). Only such a row can be late: every window of a record ends
 * after its event time. Found once for all queries of a stream that have the same delay.
 */
export class Latecomers {
  readonly #delayMs: number
  count = 0
  /** Rows of the batch, ascending, and the watermark before each; the first `count` count. */
  rows = new Int32Array(0)
  watermarks = new Float64Array(0)
  #logged: LoggedBatch | null = null

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  /** Valid until those of the next batch are asked for. */
  of(logged: LoggedBatch): this {
    if (this.#logged === logged) return this
    this.#logged = logged
    this.count = 0
    const { maxEventTimeBefore, minEventTime, maxEventTime } = logged
    const someMay = minEventTime < Math.max(maxEventTimeBefore, maxEventTime) - this.#delayMs
    if (someMay) this.#scan(logged)
    return this
  }

  #scan({ batch: { eventTimes, rows: length }, maxEventTimeBefore }: LoggedBatch): void {
    const delayMs = this.#delayMs
    let greatest = maxEventTimeBefore
    for (let row = 0; row < length; row++) {
      const eventTime = eventTimes[row]!
      if (eventTime > greatest) greatest = eventTime
      else if (eventTime < greatest - delayMs) this.#add(row, greatest - delayMs)
    }
  }

  #add(row: number, watermark: number): void {
    this.rows = grown(this.rows, this.count + 1)
    this.watermarks = grown(this.watermarks, this.count + 1)
    this.rows[this.count] = row
    this.watermarks[this.count++] = watermark
  }
}
