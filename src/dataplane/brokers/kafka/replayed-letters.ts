import type { DeadLetter } from '../broker.ts'

/** Which dead letters this opening of a stream has brought back: readers may see a commit a moment after its answer. */
export class ReplayedLetters {
  /** As `partition:offset`. */
  readonly #known = new Set<string>()

  add(partition: number, replayed: readonly { readonly letter: number }[]): void {
    for (const { letter } of replayed) this.#known.add(`${partition}:${letter}`)
  }

  /** Of these offsets the ones that were brought back, by this opening or as the letters say. */
  among(partition: number, offsets: readonly number[], letters: readonly DeadLetter[]): ReadonlySet<number> {
    const marked = letters.flatMap(({ offset, replay }) => (replay === null ? [] : [offset]))
    return new Set([...marked, ...offsets.filter((offset) => this.#known.has(`${partition}:${offset}`))])
  }
}
