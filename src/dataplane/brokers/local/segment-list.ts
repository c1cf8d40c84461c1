import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { guarded, removeDatabase } from './durable-files.ts'
import { logDamaged } from './log-damage.ts'
import { Segment, type SegmentAccess } from './segment.ts'

const NAME = /^segment-(\d{20})\.db$/
const UNFINISHED = /^segment-\d{20}\.db\.new$/

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

  /** Looks for segments that another process has begun. */
  refresh(): void {
    const names = guarded(this.folder, () => readdirSync(this.folder))
    this.#firstOffsets = names
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
  }

  /** Removes what a crash left of a segment that was being created. For the writer only. */
  removeUnfinished(): void {
    for (const name of guarded(this.folder, () => readdirSync(this.folder)))
      if (UNFINISHED.test(name)) removeDatabase(join(this.folder, name))
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
    for (const [firstOffset, segment] of this.#open) {
      if (this.#open.size <= OPEN_MAX) return
      if (firstOffset === this.last) continue
      this.#open.delete(firstOffset)
      segment.close()
    }
  }
}
