import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { keyPart, valueJson } from '#language/schemas/value-text.ts'
import type { Dictionary } from '../../../records/record-batch.ts'
import type { RelationBatch } from '../compile/relation.ts'
import { type Vector, vectorReader } from '../compile/vector.ts'

export interface GroupField {
  readonly name: string
  readonly type: FieldType
}

/** A group that some open window holds: `key` is its part of the result key, `fields` its part of the row (`"area":8,`). */
export interface Group {
  readonly id: number
  readonly key: string
  readonly fields: string
}

/**
 * Numbers the groups that open windows hold, from 0, and frees a number when the last slot of its group is gone, so that memory
 * follows the groups in use. The group of a query without group keys is 0.
 */
export class GroupKeys {
  readonly #fields: readonly GroupField[]
  readonly #timeZone: string
  readonly #ids = new Map<string, number>()
  readonly #groups: (Group | undefined)[] = []
  readonly #uses: number[] = []
  readonly #free: number[] = []
  #added: number[] = []
  #removed: number[] = []
  #idByCode: { dictionary: Dictionary; ids: number[]; ofNull: number } | null = null
  #ids32 = new Int32Array(0)

  constructor(fields: readonly GroupField[], timeZone: string) {
    this.#fields = fields
    this.#timeZone = timeZone
  }

  /** The group number of each selected row, at the row's index. Valid until the next call. */
  assign(input: RelationBatch, rows: Int32Array, length: number): Int32Array {
    if (this.#ids32.length < input.batch.rows) this.#ids32 = new Int32Array(input.batch.rows)
    const ids = this.#ids32
    const columns = this.#fields.map(({ name }) => input.column(name))
    const [only] = columns
    if (only === undefined) {
      const id = this.#intern([])
      for (let i = 0; i < length; i++) ids[rows[i]!] = id
    } else if (columns.length === 1 && only.layout === 'dictionary') this.#assignByCode(only, rows, length, ids)
    else this.#assignByValue(columns, rows, length, ids)
    return ids
  }

  /** One look-up per distinct code, kept for as long as batches share the dictionary. */
  #assignByCode(
    { codes, dictionary }: Extract<Vector, { layout: 'dictionary' }>,
    rows: Int32Array,
    length: number,
    ids: Int32Array,
  ): void {
    if (this.#idByCode?.dictionary !== dictionary) this.#idByCode = { dictionary, ids: [], ofNull: -1 }
    const known = this.#idByCode
    for (let i = 0; i < length; i++) {
      const row = rows[i]!
      const code = codes[row]!
      if (code < 0) {
        if (known.ofNull < 0) known.ofNull = this.#intern([null])
        ids[row] = known.ofNull
      } else ids[row] = known.ids[code] ??= this.#intern([dictionary.entries[code]!])
    }
  }

  #assignByValue(columns: readonly Vector[], rows: Int32Array, length: number, ids: Int32Array): void {
    const readers = columns.map((column, i) => vectorReader(column, this.#fields[i]!.type))
    const last: Value[] = []
    let lastId = -1
    for (let i = 0; i < length; i++) {
      const row = rows[i]!
      let same = lastId >= 0
      for (let k = 0; k < readers.length; k++) {
        const value = readers[k]!(row)
        if (value !== last[k]) same = false
        last[k] = value
      }
      if (!same) lastId = this.#intern(last)
      ids[row] = lastId
    }
  }

  #intern(values: readonly Value[]): number {
    const key = values.map((value, i) => keyPart(value, this.#fields[i]!.type)).join('|')
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.#free.pop() ?? this.#groups.length
    const fields = values
      .map(
        (value, i) =>
          `${JSON.stringify(this.#fields[i]!.name)}:${valueJson(value, this.#fields[i]!.type, this.#timeZone)},`,
      )
      .join('')
    this.restore({ id, key, fields })
    this.#added.push(id)
    return id
  }

  get(id: number): Group {
    return this.#groups[id]!
  }

  /** A slot of the group begins to exist. */
  retain(id: number): void {
    this.#uses[id]!++
  }

  /** A slot of the group is gone. */
  release(id: number): void {
    this.#uses[id]!--
  }

  restore(group: Group): void {
    this.#ids.set(group.key, group.id)
    this.#groups[group.id] = group
    this.#uses[group.id] = 0
  }

  /** After `restore`: the numbers that no group has are free. */
  restored(): void {
    for (let id = 0; id < this.#groups.length; id++) if (this.#groups[id] === undefined) this.#free.push(id)
  }

  /** Frees the groups among `candidates` that no slot holds, and answers what changed since the last call. */
  takeChanges(candidates: Iterable<number>): { readonly added: readonly Group[]; readonly removed: readonly number[] } {
    for (const id of candidates) if (this.#uses[id] === 0 && this.#groups[id] !== undefined) this.#remove(id)
    // A group that only late records named was interned without ever getting a slot.
    for (const id of this.#added) if (this.#uses[id] === 0 && this.#groups[id] !== undefined) this.#remove(id)
    const added = this.#added.filter((id) => this.#groups[id] !== undefined).map((id) => this.#groups[id]!)
    const removed = this.#removed.filter((id) => this.#groups[id] === undefined)
    this.#added = []
    this.#removed = []
    return { added, removed }
  }

  #remove(id: number): void {
    this.#ids.delete(this.#groups[id]!.key)
    this.#groups[id] = undefined
    this.#free.push(id)
    this.#removed.push(id)
    this.#idByCode = null
  }
}
