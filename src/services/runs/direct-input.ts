import type { DeadLetterCount, PartitionBounds, StreamReader, StreamSpec } from '#dataplane/brokers/broker.ts'
import type { DecodedBatch, LoggedBatch } from '#dataplane/records/record-batch.ts'
import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { BadRecordPolicy } from '#language/plan/plan.ts'
import { applyBadRecordPolicy } from './bad-record-policy.ts'
import { BatchPlaces } from './batch-place.ts'
import { type InputReport, NOTHING_READ } from './ingest.ts'
import { RejectionCounts } from './rejection-counts.ts'

interface DirectInputSpec {
  readonly stream: string
  readonly spec: StreamSpec
  readonly badRecords: BadRecordPolicy
  readonly arrivalMs: number
  /** Each is valid until the next one is asked for. */
  readonly batches: AsyncIterator<DecodedBatch, void>
  onBatch(report: InputReport): void
}

/**
 * Decoded input in the place of a log: a job reads it once, from its beginning to its end, one batch at a time. Records have the offsets that
 * they would have in a log.
 */
export class DirectInput implements StreamReader {
  readonly spec: StreamSpec
  readonly #input: DirectInputSpec
  readonly #places = new BatchPlaces()
  readonly #rejections = new RejectionCounts()
  #ended = false
  #report: InputReport = NOTHING_READ

  constructor(input: DirectInputSpec) {
    this.spec = input.spec
    this.#input = input
  }

  get report(): InputReport {
    return this.#report
  }

  async read(_partition: number, fromOffset: number): Promise<readonly LoggedBatch[]> {
    invariant(fromOffset === this.#places.offset, 'an input without a log is read once, in order')
    const { batches, stream, badRecords, arrivalMs } = this.#input
    const { value, done } = await batches.next()
    if (done === true) {
      this.#ended = true
      return []
    }
    const kept = applyBadRecordPolicy(value, badRecords, { stream, partition: 0, firstOffset: fromOffset })
    this.#rejections.add(kept.rejected, fromOffset)
    this.#count(value)
    return [this.#places.place(value.batch, value.received, arrivalMs)]
  }

  #count({ received, batch, ambiguousTimes }: DecodedBatch): void {
    this.#report = {
      read: this.#report.read + received,
      accepted: this.#report.accepted + batch.rows,
      rejected: this.#report.rejected + received - batch.rows,
      ambiguousTimes: this.#report.ambiguousTimes + ambiguousTimes,
    }
    this.#input.onBatch(this.#report)
  }

  /** Until the input has ended there is always more. */
  async bounds(): Promise<PartitionBounds> {
    return {
      start: 0,
      end: this.#ended ? this.#places.offset : Number.MAX_SAFE_INTEGER,
      maxEventTimeBeforeStart: Number.NEGATIVE_INFINITY,
      maxEventTime: this.#places.maxEventTime,
      maxEventTimeReceived: this.#places.maxEventTime,
      lastArrivalMs: this.#input.arrivalMs,
      generations: [{ id: 'run', firstOffset: 0 }],
      revision: 0,
    }
  }

  async deadLetterCounts(): Promise<readonly DeadLetterCount[]> {
    return this.#rejections.list()
  }

  /** They are counted, and not kept. */
  async deadLetters(): Promise<readonly []> {
    return []
  }

  async size(): Promise<{ bytes: number; segments: number; oldestArrivalMs: null }> {
    return { bytes: 0, segments: 0, oldestArrivalMs: null }
  }

  async close(): Promise<void> {
    await this.#input.batches.return?.()
  }
}
