import type { FieldType } from '#language/schemas/field-types.ts'
import { valueJson } from '#language/schemas/value-text.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import { vectorReader } from '../compile/vector.ts'
import type { SharedRelation } from '../sharing/shared-relation.ts'
import { NO_STATE, type QueryChanges, type ResultRow, type StoredQueryState } from '../state/job-store.ts'
import type { Operator } from './operator.ts'
import { offsetOf } from './row-place.ts'

/** A query without window: one row for each record that passes, identified by partition and offset (semantics 5.4). */
export class RecordOperator implements Operator {
  readonly openWindowEndMs = null
  readonly stateBytes = 0
  readonly spilledGroups = 0
  readonly #relation: SharedRelation
  readonly #timeZone: string
  readonly #columns: readonly (readonly [string, FieldType])[]
  #rows: ResultRow[] = []

  constructor(relation: SharedRelation, timeZone: string) {
    this.#relation = relation
    this.#timeZone = timeZone
    this.#columns = [...relation.columns]
  }

  process(logged: LoggedBatch): void {
    const input = this.#relation.of(logged)
    const fields = this.#columns.map(([name, type]) => ({
      name: JSON.stringify(name),
      type,
      read: vectorReader(input.column(name), type),
    }))
    for (let i = 0; i < input.length; i++) {
      const row = input.rows[i]!
      const values = fields.map(({ name, type, read }) => `${name}:${valueJson(read(row), type, this.#timeZone)}`)
      this.#rows.push({
        key: `${logged.partition}|${offsetOf(logged, row)}`,
        windowStart: null,
        windowEnd: null,
        row: `{${values.join(',')}}`,
      })
    }
  }

  takeChanges(): QueryChanges {
    const rows = this.#rows
    this.#rows = []
    return {
      closedUpToMs: Number.NEGATIVE_INFINITY,
      rows,
      removedKeys: [],
      late: [],
      takeState: () => NO_STATE,
    }
  }

  restore(_state: StoredQueryState): void {}
}
