import { faultPoint } from '#foundation/faults/fault-points.ts'
import type { StoredRepair } from './repair-table.ts'
import { Segment, type SegmentAccess } from './segment.ts'
import type { SegmentList } from './segment-list.ts'

/**
 * Placing puts repaired records where they were rejected. A record and its mark are one row of the segment that holds the dead letter; that
 * it raises the running maximum of later segments is derived from there. Between beginning and end stands a note in the last segment, so a
 * writer that finds one finishes what a crash cut off.
 */
export class RecordPlacing {
  readonly #segments: SegmentList
  readonly #tail: Segment
  readonly #access: SegmentAccess

  constructor(segments: SegmentList, tail: Segment, access: SegmentAccess) {
    this.#segments = segments
    this.#tail = tail
    this.#access = access
  }

  /** @param repairs in the order of their offsets, not empty */
  place(repairs: readonly StoredRepair[]): void {
    this.#tail.transaction(() => this.#tail.revision.begin(repairs[0]!.record_offset))
    faultPoint('placing.begun')
    let rest = repairs
    while (rest.length > 0) {
      const index = this.#segments.indexContaining(rest[0]!.record_offset)
      const next = this.#segments.firstOffsets[index + 1] ?? Number.POSITIVE_INFINITY
      const here = rest.filter(({ record_offset }) => record_offset < next)
      this.#write(index, (segment) => {
        for (const repair of here) segment.repairs.insert(repair)
        faultPoint('placing.records-written')
      })
      faultPoint('placing.records-placed')
      rest = rest.slice(here.length)
    }
    this.finish()
  }

  /** Lets later segments know what was placed before them, and ends the placing. Does nothing when none has begun. */
  finish(): void {
    const { placingFrom } = this.#tail.revision.get()
    if (placingFrom === null) return
    let greatest = Number.NEGATIVE_INFINITY
    const first = Math.max(0, this.#segments.indexContaining(placingFrom))
    for (let index = first; index < this.#segments.firstOffsets.length; index++) {
      const segment = this.#segments.at(index)
      if (greatest > segment.maxEventTimeBefore) {
        const raise = greatest
        this.#write(index, (written) => written.repairs.setRaise(raise))
      }
      greatest = Math.max(greatest, segment.repairs.maxEventTimeBefore(Number.MAX_SAFE_INTEGER))
    }
    faultPoint('placing.later-segments-raised')
    this.#tail.transaction(() => this.#tail.revision.end())
    faultPoint('placing.ended')
  }

  /** In one transaction of the segment; those before the last are opened for reading only, so this one is opened once more. */
  #write(index: number, work: (segment: Segment) => void): void {
    const firstOffset = this.#segments.firstOffsets[index]!
    if (firstOffset === this.#tail.meta.firstOffset) {
      this.#tail.transaction(() => work(this.#tail))
      return
    }
    const segment = new Segment(this.#segments.path(firstOffset), firstOffset, this.#access)
    try {
      segment.transaction(() => work(segment))
    } finally {
      segment.close()
    }
  }
}
