import { basename } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { BatchReader } from '../../records/batch-reader.ts'
import type { LoggedBatch } from '../../records/record-batch.ts'
import type { DeadLetter, DeadLetterCount, LogSize, Replay } from '../broker.ts'
import { logDamaged } from './log-damage.ts'
import type { SegmentList } from './segment-list.ts'

/** A call answers no more batches: each takes a reader, which is kept, and a batch may be a single record. */
export const BATCHES_PER_READ = 64

/** Reads one partition over all its segments. */
export class PartitionReader {
  readonly #segments: SegmentList
  /** One for each batch that a call of `read` answers; the next call uses them again. */
  readonly #batchReaders: BatchReader[] = []

  constructor(segments: SegmentList) {
    this.#segments = segments
  }

  /** Offset of the first record still kept. */
  get start(): number {
    return this.#segments.firstOffsets[0]
  }

  /**
   * As `StreamLog.read`. `end` answers the end of the log; it is asked only where the last segment matters, so that earlier
   * ones can be read when that is damaged. What it answers is valid until the next call.
   */
  read(fromOffset: number, maxRecords: number, end: () => number): LoggedBatch[] {
    return this.#segments.reading(() => this.#read(fromOffset, maxRecords, end))
  }

  #read(fromOffset: number, maxRecords: number, end: () => number): LoggedBatch[] {
    if (!Number.isInteger(fromOffset) || fromOffset < this.start)
      throw outOfRange(fromOffset, `the log begins at ${this.start}`)
    const batches: LoggedBatch[] = []
    let next = fromOffset
    while (batches.length === 0 || (next - fromOffset < maxRecords && batches.length < BATCHES_PER_READ)) {
      try {
        if (this.#isEnd(next, end)) break
        const batch = this.#batchAt(next, batches.length)
        batches.push(batch)
        next += batch.received
      } catch (error) {
        // What was read so far is good; the next read begins at the damage and reports it.
        if (batches.length > 0 && error instanceof MysimbdpError) break
        throw error
      }
    }
    return batches
  }

  deadLetters(fromOffset: number, limit: number): DeadLetter[] {
    return this.#segments.reading(() => this.#deadLetters(fromOffset, limit))
  }

  #deadLetters(fromOffset: number, limit: number): DeadLetter[] {
    const letters: DeadLetter[] = []
    const first = Math.max(0, this.#segments.indexContaining(fromOffset))
    for (let index = first; index < this.#segments.firstOffsets.length && letters.length < limit; index++) {
      for (const letter of this.#segments.at(index).deadLetters.list(fromOffset, limit - letters.length))
        letters.push(letter)
    }
    if (letters.length === 0) return letters
    const replays = this.replays(letters[0]!.offset, letters.at(-1)!.offset)
    return letters.map((letter) => ({ ...letter, replay: replays.get(letter.offset) ?? null }))
  }

  /** What became of dead letters from one offset to another, both included, that were replayed: a mark may lie in any later segment. */
  replays(from: number, to: number): ReadonlyMap<number, Replay> {
    const replays = new Map<number, Replay>()
    const first = Math.max(0, this.#segments.indexContaining(from))
    for (let index = first; index < this.#segments.firstOffsets.length; index++) {
      const segment = this.#segments.at(index)
      for (const { letter, ms } of segment.repairs.marksWithin(from, to))
        replays.set(letter, { kind: 'placed', offset: letter, atMs: ms })
      for (const { letter, offset, ms } of segment.replays.within(from, to))
        replays.set(letter, { kind: 'appended', offset, atMs: ms })
    }
    return replays
  }

  deadLetterCounts(): DeadLetterCount[] {
    return this.#segments.reading(() => this.#deadLetterCounts())
  }

  size(): LogSize {
    return this.#segments.reading(() => ({
      bytes: this.#segments.sizeBytes(),
      segments: this.#segments.firstOffsets.length,
      oldestArrivalMs: this.#segments.at(0).batches.firstArrivalMs(),
    }))
  }

  #deadLetterCounts(): DeadLetterCount[] {
    const counts = new Map<string, DeadLetterCount>()
    for (let index = 0; index < this.#segments.firstOffsets.length; index++) {
      for (const count of this.#segments.at(index).deadLetters.counts()) {
        const reason = JSON.stringify([count.code, count.field, count.expected])
        const earlier = counts.get(reason)
        counts.set(reason, earlier === undefined ? count : { ...earlier, count: earlier.count + count.count })
      }
    }
    return [...counts.values()]
  }

  #isEnd(offset: number, end: () => number): boolean {
    if (offset < this.#segments.last!) return false
    const known = end()
    if (offset > known) throw outOfRange(offset, `the log ends at ${known}`)
    return offset === known
  }

  /** @param index its place among the batches of one call */
  #batchAt(offset: number, index: number): LoggedBatch {
    const segment = this.#segments.containing(offset)
    const batch = segment.read(offset, (this.#batchReaders[index] ??= segment.newReader()))
    if (batch !== undefined) return batch
    const before = segment.batches.lastUpTo(offset)
    const covered = before === undefined ? segment.meta.firstOffset : before.base_offset + before.received
    if (before !== undefined && covered > offset)
      throw outOfRange(offset, `it lies inside the batch of ${before.base_offset} to ${covered - 1}`)
    const next = this.#segments.firstOffsets.find((first) => first > offset)
    const missing = basename(this.#segments.path(covered))
    throw logDamaged(
      segment.file,
      covered,
      next === undefined
        ? `nothing is stored at offset ${covered}`
        : `offsets ${covered} to ${next - 1} are missing; ${missing} may be lost`,
    )
  }
}

const outOfRange = (offset: number, why: string): MysimbdpError =>
  new MysimbdpError('MSB_LOG_OFFSET_OUT_OF_RANGE', `no batch begins at offset ${offset}: ${why}`, { where: { offset } })
