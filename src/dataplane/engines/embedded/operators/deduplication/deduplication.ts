import { keyPart } from '#language/schemas/value-text.ts'
import type { LoggedBatch } from '../../../../records/record-batch.ts'
import type { RelationBatch, RelationStep } from '../../compile/relation.ts'
import { vectorReader } from '../../compile/vector.ts'
import { grown } from '../../grown-array.ts'
import { watermarksBefore } from '../../sharing/watermarks-before.ts'
import type { GroupField } from '../group-keys.ts'
import type { KeptKeys } from './kept-keys.ts'

/** A record that a step of deduplication found late. */
export interface LateRow {
  readonly logged: LoggedBatch
  readonly row: number
}

/** The deduplicating steps of one query (semantics 3.6): a record goes on when it is in time and the first of its key. */
export class Deduplication {
  readonly #keys: KeptKeys
  readonly #delayMs: number
  readonly #onLate: (late: LateRow) => void
  #steps = 0
  #logged: LoggedBatch | null = null

  /**
   * @param delayMs what the greatest event time is lowered by to give the watermark, and how long a key lives after its first event time; Infinity when nothing is late
   */
  constructor(keys: KeptKeys, delayMs: number, onLate: (late: LateRow) => void) {
    this.#keys = keys
    this.#delayMs = delayMs
    this.#onLate = onLate
  }

  /** The batch that the steps are about to be asked for. */
  begin(logged: LoggedBatch): void {
    this.#logged = logged
  }

  /** The next step of the query. */
  step(fields: readonly GroupField[]): RelationStep {
    const name = String(this.#steps++)
    let kept = new Int32Array(0)
    return (input) => {
      kept = grown(kept, input.length)
      return { ...input, rows: kept, length: this.#keepFirst(input, keyReader(name, fields, input), kept) }
    }
  }

  /** Writes the rows that go on; answers how many they are. */
  #keepFirst({ rows, length }: RelationBatch, keyOf: (row: number) => string, kept: Int32Array): number {
    const logged = this.#logged!
    const { eventTimes } = logged.batch
    const watermarkBefore = watermarksBefore(logged, this.#delayMs)
    let count = 0
    for (let i = 0; i < length; i++) {
      const row = rows[i]!
      const time = eventTimes[row]!
      const watermark = watermarkBefore(row)
      if (time <= watermark) this.#onLate({ logged, row })
      else if (this.#keys.keep(keyOf(row), time + this.#delayMs, watermark)) kept[count++] = row
    }
    return count
  }
}

/** The key of a row as text: equal texts are equal keys, null is a value of its own. `step` sets the keys of several steps apart. */
function keyReader(step: string, fields: readonly GroupField[], input: RelationBatch): (row: number) => string {
  const readers = fields.map(({ name, type }) => {
    const read = vectorReader(input.column(name), type)
    return (row: number) => keyPart(read(row), type)
  })
  return (row) => {
    let key = step
    for (const read of readers) key += `|${read(row)}`
    return key
  }
}
