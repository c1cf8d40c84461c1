const EMPTY = -1
const BITS_OF_LOW_WORD = 2 ** 32

/** Numbers to codes from 0, in the order in which they are first seen: open addressing over typed arrays. */
export class NumberCodes {
  #numbers = new Float64Array(64)
  #codes = new Int32Array(64).fill(EMPTY)
  size = 0

  codeOf(number: number): number {
    const mask = this.#codes.length - 1
    for (let i = hash(number) & mask; ; i = (i + 1) & mask) {
      const code = this.#codes[i]!
      if (code === EMPTY) return this.#add(i, number)
      if (this.#numbers[i] === number) return code
    }
  }

  #add(i: number, number: number): number {
    this.#numbers[i] = number
    this.#codes[i] = this.size++
    if (this.size * 2 > this.#codes.length) this.#grow()
    return this.size - 1
  }

  #grow(): void {
    const [numbers, codes] = [this.#numbers, this.#codes]
    const mask = codes.length * 2 - 1
    this.#numbers = new Float64Array(codes.length * 2)
    this.#codes = new Int32Array(codes.length * 2).fill(EMPTY)
    for (let from = 0; from < codes.length; from++) {
      if (codes[from] === EMPTY) continue
      let to = hash(numbers[from]!) & mask
      while (this.#codes[to] !== EMPTY) to = (to + 1) & mask
      this.#numbers[to] = numbers[from]!
      this.#codes[to] = codes[from]!
    }
  }
}

/** Both words of a whole number (`| 0` takes it modulo 2^32), and the last mix of MurmurHash3, so that every bit reaches the low ones. */
function hash(number: number): number {
  let mixed = (number | 0) ^ Math.imul((number / BITS_OF_LOW_WORD) | 0, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
