import { grown } from '../grown-array.ts'
import type { RowRanges } from './pane-runs.ts'

/** Ranges without some rows. */
export class CutRanges implements RowRanges {
  count = 0
  begins = new Int32Array(0)
  ends = new Int32Array(0)
  panes = new Int32Array(0)
  paneStarts: readonly number[] = []

  /** `without`: places in the row list, ascending, of which the first `length` count. The answer is valid until the next call. */
  of(ranges: RowRanges, without: Int32Array, length: number): RowRanges {
    if (length === 0) return ranges
    this.#begin(ranges, length)
    let next = 0
    for (let range = 0; range < ranges.count; range++) {
      let begin = ranges.begins[range]!
      for (; next < length && without[next]! < ranges.ends[range]!; next++) {
        this.#append(begin, without[next]!, ranges.panes[range]!)
        begin = without[next]! + 1
      }
      this.#append(begin, ranges.ends[range]!, ranges.panes[range]!)
    }
    return this
  }

  #begin({ count, paneStarts }: RowRanges, length: number): void {
    this.begins = grown(this.begins, count + length)
    this.ends = grown(this.ends, count + length)
    this.panes = grown(this.panes, count + length)
    this.paneStarts = paneStarts
    this.count = 0
  }

  #append(begin: number, end: number, pane: number): void {
    if (begin === end) return
    this.begins[this.count] = begin
    this.ends[this.count] = end
    this.panes[this.count++] = pane
  }
}
