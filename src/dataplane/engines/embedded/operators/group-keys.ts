import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { keyPart, valueJson } from '#language/schemas/value-text.ts'
import type { RelationBatch } from '../compile/relation.ts'
import { vectorReader } from '../compile/vector.ts'
import { grown } from '../grown-array.ts'
import type { RowCodes } from '../sharing/key-codes/row-codes.ts'

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

const UNKNOWN = -1
/** An estimate of what memory holds for a group apart from the characters of its texts: two strings, an object, places in a map and in arrays. */
const GROUP_BYTES = 200

/**
 * Numbers the groups that open windows hold, from 0, and frees a number when the last slot of its group is gone, so that memory
 * follows the groups in use. The group of a query without group keys is 0.
 */
export class GroupKeys {
  readonly #fields: readonly GroupField[]
  readonly #timeZone: string
  readonly #ids = new Map<string, number>()
  readonly #groups: (Group | undefined)[] = []
  #uses = new Int32Array(0)
  readonly #free: number[] = []
  #added: number[] = []
  #removed: number[] = []
  /** Group number by code + 1, so that null comes first; -1 where it is not known yet. */
  #groupOfCode = new Int32Array(0)
  /** The one place in `#groupOfCode` that names a group; -1 for none. */
  #placeOfGroup = new Int32Array(0)
  #epoch: object | null = null
  #characters = 0

  constructor(fields: readonly GroupField[], timeZone: string) {
    this.#fields = fields
    this.#timeZone = timeZone
  }

  /** All group numbers are below it. */
  get size(): number {
    return this.#groups.length
  }

  /** An estimate of what memory holds. */
  get bytes(): number {
    return this.#ids.size * GROUP_BYTES + this.#characters
  }

  /** The number of the group with a key, as long as it has one. */
  withKey(key: string): number | undefined {
    return this.#ids.get(key)
  }

  /** The group of a query without group keys. */
  only(): number {
    return this.#intern([])
  }

  /**
   * Group numbers by code + 1, -1 for a code whose group must be asked for with `groupOf`. Valid until the next call, or until groups are removed.
   */
  byCode({ size, epoch }: RowCodes): Int32Array {
    if (this.#epoch !== epoch) {
      this.#epoch = epoch
      this.#groupOfCode.fill(UNKNOWN)
      this.#placeOfGroup.fill(UNKNOWN)
    }
    const known = this.#groupOfCode.length
    if (known <= size) {
      this.#groupOfCode = grown(this.#groupOfCode, size + 1)
      this.#groupOfCode.fill(UNKNOWN, known)
    }
    return this.#groupOfCode
  }

  /** The group at a place of the answer of `byCode`; undefined where it is not known yet. */
  knownAt(place: number): number | undefined {
    const group = this.#groupOfCode[place]!
    return group === UNKNOWN ? undefined : group
  }

  /** The group of a row, after `byCode` for the codes of its batch. */
  groupOf(input: RelationBatch, { codes }: RowCodes, row: number): number {
    const place = codes[row]! + 1
    const known = this.#groupOfCode[place]!
    if (known !== UNKNOWN) return known
    const group = this.#intern(this.#fields.map(({ name, type }) => vectorReader(input.column(name), type)(row)))
    this.#forgetPlaceOf(group)
    this.#groupOfCode[place] = group
    this.#placeOfGroup[group] = place
    return group
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
    const { id } = group
    const known = this.#placeOfGroup.length
    this.#ids.set(group.key, id)
    this.#characters += group.key.length + group.fields.length
    this.#groups[id] = group
    this.#uses = grown(this.#uses, id + 1)
    this.#placeOfGroup = grown(this.#placeOfGroup, id + 1)
    this.#placeOfGroup.fill(UNKNOWN, known)
    this.#uses[id] = 0
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
    const { key, fields } = this.#groups[id]!
    this.#ids.delete(key)
    this.#characters -= key.length + fields.length
    this.#groups[id] = undefined
    this.#free.push(id)
    this.#removed.push(id)
    this.#forgetPlaceOf(id)
  }

  #forgetPlaceOf(group: number): void {
    const place = this.#placeOfGroup[group]!
    if (place !== UNKNOWN) this.#groupOfCode[place] = UNKNOWN
    this.#placeOfGroup[group] = UNKNOWN
  }
}
