import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { byteText } from '#foundation/size/byte-size.ts'
import type { Retention } from '#language/query/stream.ts'
import type { ProducerState } from '../producer-sequence.ts'
import type { SegmentList } from './segment-list.ts'

/** How large a partition may get and how long it keeps records; null: no limit of that kind. */
export interface KeepingLimits extends Retention {
  /** The operator's: no append goes past it. */
  readonly bytesMax: number | null
}

/** A limit of the log is kept with so many segments at least, so that what is deleted is a small part of it. */
const SEGMENTS_WITHIN_LIMIT = 8
/** Below it a segment would hold little more than its empty tables. */
const SEGMENT_BYTES_MIN = 512 * 1024
/** What a segment takes before its first batch, about. */
const EMPTY_SEGMENT_BYTES = 192 * 1024

/** Decides which segments of a partition are deleted, and whether there is room for more. */
export class SegmentRetention {
  readonly segmentBytesMax: number
  readonly #segments: SegmentList
  readonly #limits: KeepingLimits
  readonly #what: string
  /** What a reader still needs; all, until readers have said what they do not. */
  #neededFrom = 0

  /** @param what names the log in messages: `partition 0 of 'trips'` */
  constructor(segments: SegmentList, limits: KeepingLimits, segmentBytesMax: number, what: string) {
    this.#segments = segments
    this.#limits = limits
    this.#what = what
    const limit = Math.min(limits.bytes ?? Infinity, limits.bytesMax ?? Infinity)
    this.segmentBytesMax = Math.min(segmentBytesMax, Math.max(SEGMENT_BYTES_MIN, limit / SEGMENTS_WITHIN_LIMIT))
  }

  /** Records before this offset are needed by nobody. */
  needFrom(offset: number): void {
    this.#neededFrom = offset
  }

  /** Whether records have come into the last segment for so long that it would keep old ones from being deleted. */
  isLong(firstArrivalMs: number | null, nowMs: number): boolean {
    const { timeMs } = this.#limits
    return timeMs !== null && firstArrivalMs !== null && nowMs - firstArrivalMs > timeMs / SEGMENTS_WITHIN_LIMIT
  }

  /** The producers that are still remembered when a segment begins. One that was opened and has sent nothing yet counts from now. */
  rememberedAt(nowMs: number, producers: Iterable<ProducerState>): ProducerState[] {
    const { timeMs } = this.#limits
    if (timeMs === null) return [...producers]
    return [...producers]
      .map((producer) => ({ ...producer, lastArrivalMs: producer.lastArrivalMs ?? nowMs }))
      .filter(({ lastArrivalMs }) => lastArrivalMs >= nowMs - timeMs)
  }

  /** Deletes segments from the front that are past the retention and that no reader needs; never the last one. */
  deleteExpired(nowMs: number): void {
    const { timeMs, bytes } = this.#limits
    if (timeMs === null && bytes === null) return
    while (this.#firstIsUnneeded()) {
      const tooLarge = bytes !== null && this.#segments.sizeBytes() > bytes
      const tooOld = timeMs !== null && this.#newestArrivalOfFirst() < nowMs - timeMs
      if (!tooLarge && !tooOld) return
      this.#segments.deleteFirst()
    }
  }

  /**
   * Lets the log grow by so much, about, within the operator's limit: where the stream has a retention, old segments make room, whether or not a
   * reader needs them.
   * @throws MSB_LOG_FULL
   */
  makeRoom(bytes: number): void {
    const { bytesMax, timeMs, bytes: keptBytes } = this.#limits
    if (bytesMax === null) return
    const mayDelete = timeMs !== null || keptBytes !== null
    let size = this.#segments.sizeBytes()
    while (size + bytes > bytesMax) {
      if (!mayDelete || this.#segments.firstOffsets.length === 1) throw this.#full(size, bytes, bytesMax, mayDelete)
      this.#segments.deleteFirst()
      size = this.#segments.sizeBytes()
    }
  }

  makeRoomForSegment(): void {
    this.makeRoom(EMPTY_SEGMENT_BYTES)
  }

  /** Infinity where it cannot be read: what is damaged is left to whoever looks at it, and stops no append. */
  #newestArrivalOfFirst(): number {
    try {
      return this.#segments.at(0).batches.newestArrivalMs() ?? Number.NEGATIVE_INFINITY
    } catch (error) {
      if (error instanceof MysimbdpError && error.code === 'MSB_LOG_DAMAGED') return Number.POSITIVE_INFINITY
      throw error
    }
  }

  #firstIsUnneeded(): boolean {
    const [, second] = this.#segments.firstOffsets
    return second !== undefined && second <= this.#neededFrom
  }

  #full(size: number, bytes: number, bytesMax: number, mayDelete: boolean): MysimbdpError {
    const why = mayDelete ? 'only its last segment is left' : 'its stream has no retention, so nothing may be deleted'
    return new MysimbdpError(
      'MSB_LOG_FULL',
      `${this.#what} holds ${byteText(size)} and may hold ${byteText(bytesMax)}: another ${byteText(bytes)} do not fit, and ${why}`,
    )
  }
}
