import { join } from 'node:path'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import { randomId } from '#foundation/random/random-id.ts'
import { acquireFileLock, type FileLock } from '#foundation/sqlite/file-lock.ts'
import { eventTimeRange } from '../../records/event-time-range.ts'
import type {
  AppendOutcome,
  AppendRequest,
  AppendResult,
  Generation,
  PartitionBounds,
  RepairedRecords,
  ReplayResult,
  StreamSpec,
} from '../broker.ts'
import type { ProducerState } from '../producer-sequence.ts'
import { endAfter, planAppends } from './append-group.ts'
import { createFolder } from './durable-files.ts'
import { logDamaged } from './log-damage.ts'
import { EMPTY_LOG, type LogEnd } from './log-end.ts'
import { PartitionReader } from './partition-reader.ts'
import { RecordPlacing } from './record-placing.ts'
import { storedRepairs, withoutReplayed } from './repaired-records.ts'
import { NO_REVISION } from './revision-table.ts'
import { assertSameStream } from './same-stream.ts'
import { createSegment, type Segment, type SegmentAccess } from './segment.ts'
import { SegmentList } from './segment-list.ts'
import { walPagesOf } from './segment-pages.ts'
import { type KeepingLimits, SegmentRetention } from './segment-retention.ts'

export interface PartitionOptions {
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytesMax: number
  readonly limits: KeepingLimits
  readonly maxPageCount?: number
}

/** One partition, open for writing and reading; each instance is a generation. Everything is synchronous. */
export class PartitionLog {
  readonly reader: PartitionReader
  readonly #spec: StreamSpec
  readonly #partition: number
  readonly #options: PartitionOptions
  readonly #lock: FileLock
  readonly #segments: SegmentList
  readonly #retention: SegmentRetention
  #producers = new Map<string, ProducerState>()
  #generations: readonly Generation[] = []
  #tail!: Segment
  #tailFirstArrivalMs: number | null = null
  #end!: LogEnd

  /** @throws MSB_DATA_FOLDER_LOCKED, MSB_RUN_FOLDER_IN_USE, MSB_LOG_DAMAGED, MSB_DISK_FULL, MSB_STORAGE_FAILED */
  constructor(folder: string, spec: StreamSpec, partition: number, options: PartitionOptions) {
    this.#spec = spec
    this.#partition = partition
    this.#options = options
    createFolder(folder)
    const what = `partition ${partition} of '${spec.topic}'`
    this.#lock = acquireFileLock(join(folder, 'lock.db'), what)
    try {
      this.#segments = new SegmentList(folder)
      this.#retention = new SegmentRetention(
        this.#segments,
        options.limits,
        options.segmentBytesMax,
        `the log, ${what},`,
      )
      this.reader = new PartitionReader(this.#segments)
      this.#open()
    } catch (error) {
      this.close()
      throw error
    }
  }

  get end(): number {
    return this.#end.offset
  }

  /** As `StreamLog.append`. */
  append(request: AppendRequest): AppendResult {
    const [outcome] = this.appendAll([request])
    if ('error' in outcome!) throw outcome.error
    return outcome!.result
  }

  /** As `StreamLog.appendAll`. */
  appendAll(requests: readonly AppendRequest[]): readonly AppendOutcome[] {
    faultPoint('log.append-begun')
    const { appends, outcomes, end, producers } = planAppends(requests, this.#end, this.#producers)
    if (appends.length === 0) return outcomes
    const { arrivalMs } = appends[0]!
    this.#beginSegmentWhenDue(arrivalMs)
    this.#tail.append(appends, (bytes) => this.#retention.makeRoom(bytes))
    this.#end = end
    this.#tailFirstArrivalMs ??= arrivalMs
    for (const [id, producer] of producers) this.#producers.set(id, producer)
    faultPoint('log.append-committed')
    return outcomes
  }

  /** As `StreamLog.applyRetention`; `neededFrom` is this partition's. */
  applyRetention(nowMs: number, neededFrom: number): void {
    this.#retention.needFrom(neededFrom)
    this.#retention.deleteExpired(nowMs)
  }

  appendRepaired(records: RepairedRecords): ReplayResult {
    const { letters, batch } = withoutReplayed(records, this.reader)
    if (letters.length > 0) {
      const eventTimes = eventTimeRange(batch.eventTimes)
      this.#beginSegmentWhenDue(records.nowMs)
      const append = {
        baseOffset: this.#end.offset,
        arrivalMs: records.nowMs,
        maxEventTimeBefore: this.#end.maxEventTime,
        eventTimes,
        decoded: { received: letters.length, batch, rejected: [], ambiguousTimes: 0 },
        producer: null,
        replayOf: letters,
      }
      this.#tail.append([append], (bytes) => this.#retention.makeRoom(bytes))
      this.#end = endAfter(append)
      this.#tailFirstArrivalMs ??= records.nowMs
      faultPoint('log.append-committed')
    }
    return { replayed: letters.length, replayedBefore: records.letters.length - letters.length }
  }

  placeRepaired(records: RepairedRecords): ReplayResult {
    const left = withoutReplayed(records, this.reader)
    if (left.letters.length > 0) {
      try {
        this.#placing.place(storedRepairs(left))
      } finally {
        this.#end = this.#tail.end()
      }
    }
    return { replayed: left.letters.length, replayedBefore: records.letters.length - left.letters.length }
  }

  /** Answers whether this raised anything. */
  markIdle(eventTimeMs: number): boolean {
    if (eventTimeMs <= this.#end.maxEventTime) return false
    this.#tail.transaction(() => this.#tail.marks.raise(this.#end.offset, eventTimeMs))
    this.#end = { ...this.#end, maxEventTime: eventTimeMs }
    faultPoint('idle.mark-written')
    return true
  }

  /** The producer as it stands here; undefined for one that was never opened. */
  producer(producerId: string): ProducerState | undefined {
    return this.#producers.get(producerId)
  }

  /** Answers the sequence that is expected next. */
  openProducer(producerId: string, epoch: number): number {
    const known = this.#producers.get(producerId)
    const state = {
      id: producerId,
      epoch,
      nextSequence: known?.nextSequence ?? 0,
      lastArrivalMs: known?.lastArrivalMs ?? null,
    }
    this.#tail.transaction(() => this.#tail.producers.put(state))
    this.#producers.set(producerId, state)
    return state.nextSequence
  }

  bounds(): PartitionBounds {
    return {
      start: this.reader.start,
      end: this.#end.offset,
      maxEventTimeBeforeStart: this.#segments.at(0).maxEventTimeBefore,
      maxEventTime: this.#end.maxEventTime,
      maxEventTimeReceived: this.#end.maxEventTimeReceived,
      lastArrivalMs: this.#end.lastArrivalMs,
      generations: this.#generations,
      revision: this.#tail.revision.get().number,
    }
  }

  /** No segment may grow beyond so many pages: lets a test meet a full disk. */
  limitPages(count: number): void {
    this.#tail.limitPages(count)
  }

  /** Never throws. */
  close(): void {
    this.#segments?.close()
    this.#lock.release()
  }

  #open(): void {
    this.#segments.removeUnfinished()
    if (this.#segments.last === undefined) this.#beginSegment(EMPTY_LOG, [])
    else this.#tail = this.#segments.openForAppend(this.#segments.last, this.#access)
    assertSameStream(this.#tail.meta, this.#spec, this.#partition)
    this.#placing.finish()
    this.#end = this.#verifiedEnd()
    this.#tailFirstArrivalMs = this.#tail.batches.firstArrivalMs()
    for (const producer of this.#tail.producers.all()) this.#producers.set(producer.id, producer)
    this.#beginGeneration()
  }

  /** The end as the last batch has it, which must be sound: new records follow it. */
  #verifiedEnd(): LogEnd {
    const end = this.#tail.end()
    const last = this.#tail.batches.lastUpTo(end.offset)
    if (last !== undefined) this.#tail.read(last.base_offset, this.#tail.newReader())
    return end
  }

  #beginGeneration(): void {
    const earlier = this.#tail.generations.all()
    const latest = earlier.at(-1)
    if (latest !== undefined && latest.firstOffset > this.#end.offset) {
      throw logDamaged(
        this.#tail.file,
        this.#end.offset,
        `the log once reached offset ${latest.firstOffset}, and now ends at ${this.#end.offset}`,
      )
    }
    const generation = { id: randomId(), firstOffset: this.#end.offset }
    this.#tail.transaction(() => this.#tail.generations.add(generation))
    this.#generations = [...earlier, generation]
    faultPoint('log.generation-written')
  }

  /** A segment is full, or its first records are old. What is deleted goes when another one begins. */
  #beginSegmentWhenDue(nowMs: number): void {
    const hasBatches = this.#end.offset > this.#tail.meta.firstOffset
    const full = this.#tail.sizeBytes >= this.#retention.segmentBytesMax
    if (!hasBatches || !(full || this.#retention.isLong(this.#tailFirstArrivalMs, nowMs))) return
    this.#retention.makeRoomForSegment()
    const remembered = this.#retention.rememberedAt(nowMs, this.#producers.values())
    const before = this.#tail
    this.#beginSegment(this.#end, remembered)
    this.#producers = new Map(remembered.map((producer) => [producer.id, producer]))
    this.#tailFirstArrivalMs = null
    before.seal()
    this.#retention.deleteExpired(nowMs)
  }

  #beginSegment(at: LogEnd, producers: readonly ProducerState[]): void {
    createSegment(
      this.#segments.path(at.offset),
      {
        topic: this.#spec.topic,
        partition: this.#partition,
        firstOffset: at.offset,
        schema: this.#spec.schema,
        eventTime: this.#spec.eventTime,
        maxEventTimeBefore: this.#tail?.maxEventTimeAccepted ?? Number.NEGATIVE_INFINITY,
        markedEventTime: at.maxEventTime,
        producers,
        generations: this.#generations,
        revision: this.#tail?.revision.get() ?? NO_REVISION,
      },
      this.#access,
    )
    this.#tail = this.#segments.openForAppend(at.offset, this.#access)
    faultPoint('log.segment-created')
  }

  get #placing(): RecordPlacing {
    return new RecordPlacing(this.#segments, this.#tail, this.#access)
  }

  get #access(): SegmentAccess {
    const { maxPageCount } = this.#options
    const autoCheckpointPages = walPagesOf(this.#retention.segmentBytesMax)
    return maxPageCount === undefined ? { autoCheckpointPages } : { autoCheckpointPages, maxPageCount }
  }
}
