import type { PlanNode } from '#language/plan/plan.ts'
import { recordAsJson } from '../../../decoding/record-json.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import { Latecomers } from './latecomers.ts'
import { SharedRelation } from './shared-relation.ts'

/**
 * What the queries of one stream make of a batch in common. A query finds its parts here when it is compiled; each part computes something once for a
 * batch, when the first query asks. A batch is known by its `LoggedBatch` object: another batch is another object.
 */
export class BatchSharing {
  readonly #relations = new Map<string, SharedRelation>()
  readonly #latecomers = new Map<number, Latecomers>()
  readonly #texts = new Map<number, string>()
  readonly #writesTexts: boolean
  #textsOf: LoggedBatch | null = null

  /** @param options `recordTexts`: whether anybody wants late records as texts; they are only counted otherwise */
  constructor({ recordTexts }: { readonly recordTexts: boolean } = { recordTexts: true }) {
    this.#writesTexts = recordTexts
  }

  /** The relation that these nodes make, from the source to what is before the window; none of them deduplicates. */
  relation(nodes: readonly PlanNode[]): SharedRelation {
    const steps = nodes.filter(({ kind }) => kind === 'Filter' || kind === 'Project')
    const key = JSON.stringify(steps.map((step) => ({ ...step, input: null })))
    return found(this.#relations, key, () => new SharedRelation(nodes))
  }

  /** A record of a batch as JSON text: one that is late for several queries is written once. Empty where nobody wants texts. */
  recordText(logged: LoggedBatch, row: number): string {
    if (!this.#writesTexts) return ''
    if (this.#textsOf !== logged) this.#texts.clear()
    this.#textsOf = logged
    return found(this.#texts, row, () => recordAsJson(logged.batch, row))
  }

  latecomers(logged: LoggedBatch, delayMs: number): Latecomers {
    return found(this.#latecomers, delayMs, () => new Latecomers(delayMs)).of(logged)
  }
}

/** What the map holds for a key; made when there is nothing. */
function found<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
