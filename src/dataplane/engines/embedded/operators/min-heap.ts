/** Numbers of which the least is always at hand: a binary heap. */
export class MinHeap {
  readonly #values: number[] = []

  /** Infinity when it is empty. */
  get least(): number {
    return this.#values[0] ?? Number.POSITIVE_INFINITY
  }

  add(value: number): void {
    const values = this.#values
    let at = values.push(value) - 1
    for (let parent = (at - 1) >> 1; at > 0 && values[parent]! > value; parent = (at - 1) >> 1) {
      values[at] = values[parent]!
      at = parent
    }
    values[at] = value
  }

  /** Takes out the least, of which there must be one. */
  take(): number {
    const values = this.#values
    const least = values[0]!
    const moved = values.pop()!
    if (values.length > 0) this.#sink(moved)
    return least
  }

  /** Puts a value where the least was. */
  #sink(value: number): void {
    const values = this.#values
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child + 1 < values.length && values[child + 1]! < values[child]!) child++
      if (child >= values.length || values[child]! >= value) break
      values[at] = values[child]!
      at = child
    }
    values[at] = value
  }
}
