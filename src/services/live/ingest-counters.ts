import type { AppendResult, StreamLog } from '#dataplane/brokers/broker.ts'
import type { DecodedBatch, RejectionCode } from '#dataplane/records/record-batch.ts'
import { Histogram, type HistogramData } from '#foundation/observability/histogram.ts'
import type { Clock } from '#foundation/time/clock.ts'
import type { InputCounts } from '../runs/rejection-sentence.ts'
import { RecentInputCounter } from './recent-input.ts'

/** What ingest did with the records of one stream since its thread started, and where the stream's log stands. */
export interface IngestFigures {
  /** When counting began, epoch ms. */
  readonly sinceMs: number
  /** Bytes of records after decompression, as they came. */
  readonly receivedBytes: number
  readonly accepted: number
  readonly rejected: number
  readonly rejectedByReason: ReadonlyMap<RejectionCode, number>
  /** Records of producers that the log had already. */
  readonly alreadyReceived: number
  /** Records that the log could not take; their senders were told. */
  readonly failed: number
  /** Accepted records with a local time that occurs twice. */
  readonly ambiguousTimes: number
  /** Transactions of the log, each synced to disk, and how long they took. */
  readonly appendSeconds: HistogramData
  /** Of the last minute. */
  readonly recent: InputCounts
  readonly partitions: readonly PartitionFigures[]
}

export interface PartitionFigures {
  readonly partition: number
  /** Offset of the first record that is still kept, and of the next one to come. */
  readonly start: number
  readonly end: number
  /** Greatest event time of accepted records, epoch ms; -Infinity for none. */
  readonly maxEventTimeMs: number
  /** When that last moved, epoch ms, and how many records were accepted since. */
  readonly maxEventTimeMovedMs: number
  readonly acceptedSinceMoved: number
  /** Epoch ms; null when nothing was appended, or when is not known any more. */
  readonly lastArrivalMs: number | null
}

/** What was appended for one request. */
interface Append {
  readonly partition: number
  readonly arrivalMs: number
  /** Greatest event time of the partition afterwards. */
  readonly maxEventTimeMs: number
}

interface PartitionCounts {
  maxEventTimeMs: number
  movedMs: number
  acceptedSinceMoved: number
}

/** Counts what ingest does with a stream; the work is once for each batch, not for each record. */
export class IngestCounters {
  /** Of the last minute, second by second. */
  readonly recent: RecentInputCounter
  readonly #sinceMs: number
  readonly #rejectedByReason = new Map<RejectionCode, number>()
  readonly #appendSeconds = new Histogram()
  readonly #partitions = new Map<number, PartitionCounts>()
  #receivedBytes = 0
  #accepted = 0
  #rejected = 0
  #alreadyReceived = 0
  #failed = 0
  #ambiguousTimes = 0

  constructor(clock: Clock) {
    this.recent = new RecentInputCounter(clock)
    this.#sinceMs = clock.nowMs()
  }

  addBytes(bytes: number): void {
    this.#receivedBytes += bytes
  }

  /** A transaction of the log, which may hold what several requests brought. */
  addSync(durationMs: number): void {
    this.#appendSeconds.observe(durationMs / 1000)
  }

  addFailed(records: number): void {
    this.#failed += records
  }

  /** Records of a stream that takes no batch with a bad one in it: nothing of this one was appended. */
  addRefused({ rejected }: DecodedBatch): void {
    this.recent.add(0, rejected)
  }

  /** What a request to append came to. */
  addAppended(decoded: DecodedBatch, { accepted, rejected, alreadyReceived }: AppendResult, append: Append): void {
    this.#accepted += accepted
    this.#rejected += rejected
    this.#alreadyReceived += alreadyReceived
    if (accepted + rejected === 0) return
    if (alreadyReceived === 0) this.#ambiguousTimes += decoded.ambiguousTimes
    const rejectedNow = decoded.rejected.filter(({ position }) => position >= alreadyReceived)
    for (const { rejection } of rejectedNow)
      this.#rejectedByReason.set(rejection.code, (this.#rejectedByReason.get(rejection.code) ?? 0) + 1)
    this.recent.add(accepted, rejectedNow)
    this.#arrived(accepted, append)
  }

  #partitionCounts(partition: number): PartitionCounts {
    let counts = this.#partitions.get(partition)
    if (counts === undefined) {
      const nothing = { maxEventTimeMs: Number.NEGATIVE_INFINITY, acceptedSinceMoved: 0 }
      this.#partitions.set(partition, (counts = { ...nothing, movedMs: this.#sinceMs }))
    }
    return counts
  }

  #arrived(accepted: number, { partition, arrivalMs, maxEventTimeMs }: Append): void {
    const counts = this.#partitionCounts(partition)
    if (maxEventTimeMs > counts.maxEventTimeMs) {
      counts.maxEventTimeMs = maxEventTimeMs
      counts.movedMs = arrivalMs
      counts.acceptedSinceMoved = 0
    } else counts.acceptedSinceMoved += accepted
  }

  async figures(log: StreamLog): Promise<IngestFigures> {
    return {
      sinceMs: this.#sinceMs,
      receivedBytes: this.#receivedBytes,
      accepted: this.#accepted,
      rejected: this.#rejected,
      rejectedByReason: this.#rejectedByReason,
      alreadyReceived: this.#alreadyReceived,
      failed: this.#failed,
      ambiguousTimes: this.#ambiguousTimes,
      appendSeconds: this.#appendSeconds.data,
      recent: this.recent.recent,
      partitions: await Promise.all(
        Array.from({ length: log.spec.partitions }, (_, partition) => this.#partitionFigures(log, partition)),
      ),
    }
  }

  async #partitionFigures(log: StreamLog, partition: number): Promise<PartitionFigures> {
    const { start, end, maxEventTime, lastArrivalMs } = await log.bounds(partition)
    const { movedMs, acceptedSinceMoved } = this.#partitionCounts(partition)
    return {
      partition,
      start,
      end,
      maxEventTimeMs: maxEventTime,
      maxEventTimeMovedMs: movedMs,
      acceptedSinceMoved,
      lastArrivalMs,
    }
  }
}
