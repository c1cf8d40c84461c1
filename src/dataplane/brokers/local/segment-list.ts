import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import { databaseBytes, guarded, publishFile, removeSegmentFile } from './durable-files.ts'
import { logDamaged } from './log-damage.ts'
import { Segment, type SegmentAccess } from './segment.ts'

const NAME = /^segment-(\d{20})\.db$/
const UNFINISHED = /^segment-\d{20}\.db\.new$/
const PART = /^(segment-\d{20}\.db)(?:-wal|-shm|-journal|\.retired)$/

/** Files stay open for reading up to this many; the one not used for longest is closed first. */
const OPEN_MAX = 8

/** The segments of a partition folder, in the order of their first offsets, opened when they are needed. */
export class SegmentList {
  readonly folder: string
  #firstOffsets: number[] = []
  /** By first offset, the one used last at the end. */
  readonly #open = new Map<number, Segment>()

  constructor(folder: string) {
    this.folder = folder
    this.refresh()
  }

  /** Looks for segments that the writer has begun or deleted meanwhile. */
  refresh(): void {
    const names = guarded(this.folder, () => readdirSync(this.folder))
    this.#firstOffsets = names
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
    // A deleted file takes its space on the disk for as long as it is open.
    for (const firstOffset of this.#open.keys()) if (!this.#firstOffsets.includes(firstOffset)) this.#close(firstOffset)
  }

  /** Reads, and where segments went away meanwhile, deleted by the writer, once more without them. */
  reading<Result>(read: () => Result): Result {
    for (;;) {
      const [first] = this.#firstOffsets
      try {
        return read()
      } catch (error) {
        if (!(error instanceof MysimbdpError)) throw error
        this.refresh()
        if (this.#firstOffsets[0] === first) throw error
      }
    }
  }

  /** Removes what a crash left of a segment that was being created, or deleted. For the writer only. */
  removeUnfinished(): void {
    const names = guarded(this.folder, () => readdirSync(this.folder))
    for (const name of names) {
      const whole = PART.exec(name)?.[1]
      if (UNFINISHED.test(name)) removeSegmentFile(join(this.folder, name))
      else if (whole !== undefined && !names.includes(whole)) this.#removeRetired(join(this.folder, whole))
    }
  }

  /**
   * Deletes the first segment; it must not be the last one. For the writer only. It loses its name first, and for good: after a crash in the
   * middle, and for whoever reads, it is there as a whole or not at all.
   */
  deleteFirst(): void {
    const firstOffset = this.#firstOffsets[0]!
    const path = this.path(firstOffset)
    this.#close(firstOffset)
    publishFile(path, `${path}.retired`)
    this.#firstOffsets.shift()
    faultPoint('log.segment-retired')
    this.#removeRetired(path)
    faultPoint('log.segment-deleted')
  }

  #removeRetired(path: string): void {
    removeSegmentFile(path)
    removeSegmentFile(`${path}.retired`)
  }

  /** What the segments hold. */
  sizeBytes(): number {
    const sealed = this.#firstOffsets.slice(0, -1).map((firstOffset) => databaseBytes(this.path(firstOffset)))
    // The WAL of the last one comes and goes: what counts is what it has to write back.
    return sealed.reduce((sum, bytes) => sum + bytes, this.at(this.#firstOffsets.length - 1).sizeBytes)
  }

  get firstOffsets(): readonly number[] {
    return this.#firstOffsets
  }

  get last(): number | undefined {
    return this.#firstOffsets.at(-1)
  }

  path(firstOffset: number): string {
    return join(this.folder, `segment-${String(firstOffset).padStart(20, '0')}.db`)
  }

  /** Opens the segment that is written to; it is kept open beside those that are read. */
  openForAppend(firstOffset: number, access: SegmentAccess): Segment {
    const segment = new Segment(this.path(firstOffset), firstOffset, access)
    if (!this.#firstOffsets.includes(firstOffset)) this.#firstOffsets.push(firstOffset)
    this.#open.set(firstOffset, segment)
    return segment
  }

  /** The segment that holds this offset if any does: the last one that begins at or before it. @throws MSB_LOG_DAMAGED */
  containing(offset: number): Segment {
    const index = this.indexContaining(offset)
    if (index < 0)
      throw new MysimbdpError('MSB_LOG_OFFSET_OUT_OF_RANGE', `offset ${offset} lies before the first segment`)
    return this.at(index)
  }

  indexContaining(offset: number): number {
    return this.#firstOffsets.findLastIndex((first) => first <= offset)
  }

  at(index: number): Segment {
    const firstOffset = this.#firstOffsets[index]
    const known = this.#open.get(firstOffset)
    if (known !== undefined) this.#open.delete(firstOffset)
    const segment = known ?? this.#openToRead(firstOffset)
    this.#open.set(firstOffset, segment)
    this.#closeUnused()
    return segment
  }

  /** Never throws. */
  close(): void {
    for (const segment of this.#open.values()) segment.close()
    this.#open.clear()
  }

  #openToRead(firstOffset: number): Segment {
    try {
      return new Segment(this.path(firstOffset), firstOffset, { readOnly: true })
    } catch (error) {
      if (error instanceof MysimbdpError && error.code === 'MSB_STORAGE_FAILED') {
        throw logDamaged(this.path(firstOffset), firstOffset, 'the file cannot be opened', error)
      }
      throw error
    }
  }

  #closeUnused(): void {
    for (const firstOffset of this.#open.keys()) {
      if (this.#open.size <= OPEN_MAX) return
      if (firstOffset !== this.last) this.#close(firstOffset)
    }
  }

  #close(firstOffset: number): void {
    this.#open.get(firstOffset)?.close()
    this.#open.delete(firstOffset)
  }
}
