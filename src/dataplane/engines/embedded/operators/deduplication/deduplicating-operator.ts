import type { LoggedBatch } from '../../../../records/record-batch.ts'
import type { BatchSharing } from '../../sharing/batch-sharing.ts'
import type { SharedRelation } from '../../sharing/shared-relation.ts'
import type { LateRecord, QueryChanges, StoredQueryState } from '../../state/job-store.ts'
import { StateWriter } from '../../state/state-bytes.ts'
import { type HeldStateLimit, requireRoom } from '../held-state.ts'
import type { Operator } from '../operator.ts'
import { offsetOf } from '../row-place.ts'
import { Deduplication } from './deduplication.ts'
import { KeptKeys } from './kept-keys.ts'

interface DeduplicationOptions {
  /** As in `Deduplication`. */
  readonly delayMs: number
  readonly sharing: BatchSharing
  readonly limit: HeldStateLimit
}

/** A query whose relation has deduplicating steps: their keys and late records besides those of the operator behind them. */
export class DeduplicatingOperator implements Operator {
  readonly #relation: SharedRelation
  readonly #behind: Operator
  readonly #deduplication: Deduplication
  readonly #keys: KeptKeys
  readonly #limit: HeldStateLimit
  readonly #writer = new StateWriter()
  #late: LateRecord[] = []

  /** @param compile what makes the relation with these steps, and the operator behind it */
  constructor(
    { delayMs, sharing, limit }: DeduplicationOptions,
    compile: (steps: Deduplication) => { readonly relation: SharedRelation; readonly behind: Operator },
  ) {
    this.#keys = new KeptKeys(delayMs)
    this.#limit = limit
    limit.budget?.join(this.#keys)
    this.#deduplication = new Deduplication(this.#keys, delayMs, ({ logged, row }) =>
      this.#late.push({
        partition: logged.partition,
        offset: offsetOf(logged, row),
        eventTimeMs: logged.batch.eventTimes[row]!,
        windows: [],
        record: sharing.recordText(logged, row),
      }),
    )
    const { relation, behind } = compile(this.#deduplication)
    this.#relation = relation
    this.#behind = behind
  }

  /** Every batch goes through the steps once, whether or not the operator behind them wants it. */
  process(logged: LoggedBatch, delayMs: number): void {
    this.#deduplication.begin(logged)
    this.#relation.of(logged)
    this.#behind.process(logged, delayMs)
    requireRoom(this.#limit, this.#keys.stateBytes, `${this.#keys.count} keys of deduplication`)
  }

  takeChanges(watermarkMs: number): QueryChanges {
    const changes = this.#behind.takeChanges(watermarkMs)
    const late = [...this.#late, ...changes.late]
    this.#late = []
    return {
      ...changes,
      late,
      takeState: (options) => ({
        ...changes.takeState(options),
        keys: this.#keys.takePages(watermarkMs, this.#writer, options),
      }),
    }
  }

  get openWindowEndMs(): number | null {
    return this.#behind.openWindowEndMs
  }

  get stateBytes(): number {
    return this.#behind.stateBytes + this.#keys.stateBytes
  }

  get spilledGroups(): number {
    return this.#behind.spilledGroups
  }

  restore(state: StoredQueryState): void {
    this.#keys.restore(state.keys)
    this.#behind.restore(state)
  }
}
