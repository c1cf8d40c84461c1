const hexBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Random numbers that depend on the seed alone: a small fast counting generator (sfc32), not for secrets. */
export class SeededRandom {
  #a: number
  #b: number
  #c = 0x9e3779b9
  #counter = 1
  #spareNormal = Number.NaN

  constructor(seed: number) {
    this.#a = Math.floor(seed / 2 ** 32) | 0
    this.#b = seed | 0
    for (let round = 0; round < 12; round++) this.bits()
  }

  /** 32 random bits as a whole number, 0 to 2^32 - 1. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.bits() / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.fraction()
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  /** Normally distributed, mean 0, standard deviation 1. */
  normal(): number {
    const spare = this.#spareNormal
    this.#spareNormal = Number.NaN
    if (!Number.isNaN(spare)) return spare
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction()))
    const angle = 2 * Math.PI * this.fraction()
    this.#spareNormal = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  /** Log-normally distributed around `median`; `spread` is the standard deviation of the logarithm. */
  around(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal())
  }

  /** Between two positive numbers, each order of magnitude as likely as the next. */
  betweenMagnitudes(low: number, high: number): number {
    return low * (high / low) ** this.fraction()
  }

  /** Random hexadecimal digits, eight for each word. */
  hex(words: number): string {
    let digits = ''
    for (let word = 0; word < words; word++) {
      const bits = this.bits()
      digits +=
        hexBytes[bits >>> 24]! + hexBytes[(bits >>> 16) & 255]! + hexBytes[(bits >>> 8) & 255]! + hexBytes[bits & 255]!
    }
    return digits
  }
}

/** A seed from several parts; equal parts give equal seeds. */
export function seedFrom(...parts: readonly (string | number)[]): number {
  let low = 0x811c9dc5
  let high = 0x1000193
  for (const character of parts.join('|')) {
    const code = character.codePointAt(0)!
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (low >>> 13)
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}
