/** Places of the sample that are tried, counted from the first byte of a string; all within READ_AHEAD_BYTES. */
const SAMPLE_PLACES = Array.from({ length: 11 }, (_, i) => i * 4)
const SAMPLE_BYTES = 8
const SLOTS_MIN = 256
/** More entries are not looked at to choose a place. */
const ENTRIES_JUDGED_MAX = 512
/** After so many wrong guesses, and as many as there are entries, another place may be better. */
const WRONG_MIN = 64

export const FIRST_FACTOR = 0x9e3779b1 | 0
export const SECOND_FACTOR = 0x85ebca6b | 0

interface Entries {
  readonly size: number
  readonly starts: Int32Array
  readonly view: DataView
}

/**
 * Guesses which entry of a dictionary a string is from eight of its bytes, so that its end need not be searched nor all of it
 * hashed: the guess is then compared byte by byte with what is there, closing quote included. The eight bytes are taken where
 * they tell the entries apart best; which place that is only costs time. Bytes behind a short string are sampled with it.
 */
export class SampledGuess {
  /** Slot → code, -1 where there is no guess. Only strings that were read without escapes are in it. */
  codes = new Int32Array(SLOTS_MIN).fill(-1)
  mask = SLOTS_MIN - 1
  /** Where the sample begins. */
  place = 0
  #wrong = 0
  #patience = WRONG_MIN

  /** The slot of the string at `position`. Generated decoders hold the same formula. */
  slotAt(view: DataView, position: number): number {
    return this.#slot(view.getInt32(position + this.place, true), view.getInt32(position + this.place + 4, true))
  }

  /** The string at `position` is entry `code`, and no guess said so. */
  learn(view: DataView, position: number, code: number, entries: Entries): void {
    if (entries.size * 2 > this.codes.length) this.#grow(entries.size * 4)
    const slot = this.slotAt(view, position)
    const wrong = this.codes[slot]! >= 0
    this.codes[slot] = code
    if (!wrong || ++this.#wrong < Math.max(this.#patience, entries.size)) return
    this.#wrong = 0
    this.#patience *= 2
    this.#choosePlace(entries)
  }

  #slot(first: number, second: number): number {
    const mixed = Math.imul(first, FIRST_FACTOR) ^ Math.imul(second, SECOND_FACTOR)
    return (mixed ^ (mixed >>> 15)) & this.mask
  }

  #grow(slots: number): void {
    this.codes = new Int32Array(2 ** Math.ceil(Math.log2(slots))).fill(-1)
    this.mask = this.codes.length - 1
  }

  #choosePlace(entries: Entries): void {
    const distinct = SAMPLE_PLACES.map((place) => distinctSamples(entries, place))
    const best = SAMPLE_PLACES[distinct.indexOf(Math.max(...distinct))]!
    if (best === this.place) return
    this.place = best
    this.codes.fill(-1)
  }
}

function distinctSamples({ size, starts, view }: Entries, place: number): number {
  const samples = new Set<number>()
  const step = Math.max(1, Math.floor(size / ENTRIES_JUDGED_MAX))
  const sample = new DataView(new ArrayBuffer(SAMPLE_BYTES))
  for (let code = 0; code < size; code += step) {
    const end = starts[code + 1]!
    for (let i = 0; i < SAMPLE_BYTES; i++) {
      const position = starts[code]! + place + i
      sample.setUint8(i, position < end ? view.getUint8(position) : 0)
    }
    // Bytes of text are never those of NaN, so equal numbers are equal bytes.
    samples.add(sample.getFloat64(0))
  }
  return samples.size
}
