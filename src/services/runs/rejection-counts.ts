import type { DeadLetterCount } from '#dataplane/brokers/broker.ts'
import type { RejectedRecord } from '#dataplane/records/record-batch.ts'

/** Counts rejected records by reason, as a log does. */
export class RejectionCounts {
  readonly #counts = new Map<string, { -readonly [K in keyof DeadLetterCount]: DeadLetterCount[K] }>()

  /** `baseOffset` is the offset of the first record of the batch they are from. */
  add(rejected: readonly RejectedRecord[], baseOffset: number): void {
    for (const { position, rejection } of rejected) {
      const { code, field, expected, found } = rejection
      const reason = JSON.stringify([code, field, expected])
      const known = this.#counts.get(reason)
      if (known !== undefined) known.count++
      else {
        const example = { offset: baseOffset + position, found }
        this.#counts.set(reason, { code, field, expected, count: 1, example })
      }
    }
  }

  /** The reason that came first at the head. */
  list(): readonly DeadLetterCount[] {
    return [...this.#counts.values()]
  }
}
