import { join } from 'node:path'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import { randomId } from '#foundation/random/random-id.ts'
import { acquireFileLock, type FileLock } from '#foundation/sqlite/file-lock.ts'
import { sliceDecoded } from '../../decoding/slice-decoded.ts'
import type {
  AppendRequest,
  AppendResult,
  Generation,
  PartitionBounds,
  RepairedRecords,
  ReplayResult,
  StreamSpec,
} from '../broker.ts'
import { createFolder } from './durable-files.ts'
import { logDamaged } from './log-damage.ts'
import { PartitionReader } from './partition-reader.ts'
import { type ProducerState, repeatedRecords } from './producer-table.ts'
import { RecordPlacing } from './record-placing.ts'
import { storedRepairs, withoutReplayed } from './repaired-records.ts'
import { NO_REVISION } from './revision-table.ts'
import { assertSameStream } from './same-stream.ts'
import { createSegment, EMPTY_LOG, type LogEnd, type Segment, type SegmentAccess } from './segment.ts'
import { SegmentList } from './segment-list.ts'

export interface PartitionOptions {
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytesMax: number
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
  readonly #producers = new Map<string, ProducerState>()
  #generations: readonly Generation[] = []
  #tail!: Segment
  #end!: LogEnd

  /** @throws MSB_DATA_FOLDER_LOCKED, MSB_RUN_FOLDER_IN_USE, MSB_LOG_DAMAGED, MSB_DISK_FULL, MSB_STORAGE_FAILED */
  constructor(folder: string, spec: StreamSpec, partition: number, options: PartitionOptions) {
    this.#spec = spec
    this.#partition = partition
    this.#options = options
    createFolder(folder)
    this.#lock = acquireFileLock(join(folder, 'lock.db'), `partition ${partition} of '${spec.topic}'`)
    try {
      this.#segments = new SegmentList(folder)
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

  append(request: AppendRequest): AppendResult {
    faultPoint('log.append-begun')
    const { producer, arrivalMs } = request
    const alreadyReceived =
      producer === undefined
        ? 0
        : repeatedRecords(this.#producers.get(producer.producerId), producer, request.decoded.received)
    const baseOffset = this.#end.offset
    if (alreadyReceived === request.decoded.received) return { baseOffset, accepted: 0, rejected: 0, alreadyReceived }
    const decoded = alreadyReceived === 0 ? request.decoded : sliceDecoded(request.decoded, alreadyReceived)
    const state =
      producer === undefined
        ? null
        : {
            id: producer.producerId,
            epoch: producer.epoch,
            nextSequence: producer.baseSequence + request.decoded.received,
            lastArrivalMs: arrivalMs,
          }
    this.#beginSegmentWhenFull()
    this.#end = this.#tail.append({
      baseOffset,
      arrivalMs,
      maxEventTimeBefore: this.#end.maxEventTime,
      decoded,
      producer: state,
    })
    if (state !== null) this.#producers.set(state.id, state)
    faultPoint('log.append-committed')
    return {
      baseOffset,
      accepted: decoded.batch.rows,
      rejected: decoded.received - decoded.batch.rows,
      alreadyReceived,
    }
  }

  appendRepaired(records: RepairedRecords): ReplayResult {
    const { letters, batch } = withoutReplayed(records, this.reader)
    if (letters.length > 0) {
      this.#beginSegmentWhenFull()
      this.#end = this.#tail.append({
        baseOffset: this.#end.offset,
        arrivalMs: records.nowMs,
        maxEventTimeBefore: this.#end.maxEventTime,
        decoded: { received: letters.length, batch, rejected: [], ambiguousTimes: 0 },
        producer: null,
        replayOf: letters,
      })
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
    if (this.#segments.last === undefined) this.#beginSegment(EMPTY_LOG)
    else this.#tail = this.#segments.openForAppend(this.#segments.last, this.#access)
    assertSameStream(this.#tail.meta, this.#spec, this.#partition)
    this.#placing.finish()
    this.#end = this.#verifiedEnd()
    for (const producer of this.#tail.producers.all()) this.#producers.set(producer.id, producer)
    this.#beginGeneration()
  }

  /** The end as the last batch has it, which must be sound: new records follow it. */
  #verifiedEnd(): LogEnd {
    const end = this.#tail.end()
    const last = this.#tail.batches.lastUpTo(end.offset)
    if (last !== undefined) this.#tail.read(last.base_offset)
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

  #beginSegmentWhenFull(): void {
    const hasBatches = this.#end.offset > this.#tail.meta.firstOffset
    if (hasBatches && this.#tail.sizeBytes >= this.#options.segmentBytesMax) this.#beginSegment(this.#end)
  }

  #beginSegment(at: LogEnd): void {
    createSegment(
      this.#segments.path(at.offset),
      {
        topic: this.#spec.topic,
        partition: this.#partition,
        firstOffset: at.offset,
        schema: this.#spec.schema,
        eventTime: this.#spec.eventTime,
        maxEventTimeBefore: at.maxEventTime,
        producers: [...this.#producers.values()],
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
    return maxPageCount === undefined ? {} : { maxPageCount }
  }
}
