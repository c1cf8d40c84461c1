import type { AvroRecord, AvroType } from '#language/schemas/avro/avro-type.ts'
import { LayoutNames, type SchemaJson, scalarLayout } from './scalar-layout.ts'

/** The bytes of a writer's records, described to Spark. Both are JSON of an Avro schema. */
export interface RecordLayout {
  /** What the bytes are. */
  readonly written: string
  /** What Spark is to give of them; the rest it passes over. */
  readonly read: string
}

/** Behind the record stand so many bytes that no record holds: what is longer or shorter than its schema says does not end before them. */
export const END_MARK_BYTES = 32
export const END_MARK = 'end_mark'

/** A field by its place in the writer's schema: names of writers may be the same to Spark. */
export const fieldColumn = (place: number): string => `f${place}`
/** In a branch of a union: its value, or that the branch is the one, where no field could take its value. */
export const BRANCH_VALUE = 'v'
export const BRANCH_IS_TAKEN = 'is'

interface Described {
  readonly written: SchemaJson
  /** Null for what is passed over. */
  readonly read: SchemaJson | null
}

/**
 * The layout of a writer's records. It keeps the bytes and not the meaning: logical types, names and symbols are read by the platform's rules, over the plain
 * values beneath them, and what Avro's library is lenient with (booleans, numbers of 32 bits) is asked for as something wider.
 */
export function recordLayout({ fields }: AvroRecord, isRead: (place: number) => boolean): RecordLayout {
  const writer = new LayoutWriter()
  const described = fields.map(({ type }, place) => ({
    name: fieldColumn(place),
    ...(isRead(place) ? writer.read(type) : { written: writer.skipped(type), read: null }),
  }))
  const end = { name: END_MARK, type: { type: 'fixed', name: 'mark', size: END_MARK_BYTES } }
  const document = (of: readonly { readonly name: string; readonly type: SchemaJson }[]): string =>
    JSON.stringify({ type: 'record', name: 'record', fields: [...of, end] })
  return {
    written: document(described.map(({ name, written }) => ({ name, type: written }))),
    read: document(described.flatMap(({ name, read }) => (read === null ? [] : [{ name, type: read }]))),
  }
}

class LayoutWriter {
  readonly #names = new LayoutNames()
  /** Names of the records that are described already: a record may hold itself. */
  readonly #records = new Map<AvroRecord, string>()

  read(type: AvroType): Described {
    if (type.kind === 'union') return this.#union(type.branches)
    const scalar = scalarLayout(type, this.#names)
    return { written: scalar ?? this.skipped(type), read: scalar }
  }

  /** Each branch is a record of its own: then Spark tells branches apart whatever they hold. */
  #union(branches: readonly AvroType[]): Described {
    const described = branches.map((branch): Described => {
      if (branch.kind === 'null') return { written: 'null', read: 'null' }
      const name = this.#names.next()
      const scalar = scalarLayout(branch, this.#names)
      const written = recordOf(name, { name: BRANCH_VALUE, type: scalar ?? this.skipped(branch) })
      const taken = recordOf(name, { name: BRANCH_IS_TAKEN, type: 'long', default: 1 })
      return { written, read: scalar === null ? taken : written }
    })
    return { written: described.map(({ written }) => written), read: described.map(({ read }) => read!) }
  }

  skipped(type: AvroType): SchemaJson {
    switch (type.kind) {
      case 'null':
        return 'null'
      case 'array':
        return { type: 'array', items: this.skipped(type.items) }
      case 'map':
        return { type: 'map', values: this.skipped(type.items) }
      case 'union':
        return type.branches.map((branch) =>
          branch.kind === 'null'
            ? 'null'
            : recordOf(this.#names.next(), { name: BRANCH_VALUE, type: this.skipped(branch) }),
        )
      case 'record':
        return this.#skippedRecord(type)
      default:
        return this.#skippedScalar(type)
    }
  }

  #skippedRecord(type: AvroRecord): SchemaJson {
    const known = this.#records.get(type)
    if (known !== undefined) return known
    const name = this.#names.next()
    this.#records.set(type, name)
    return recordOf(name, ...type.fields.map((field, i) => ({ name: fieldColumn(i), type: this.skipped(field.type) })))
  }

  #skippedScalar(type: AvroType): SchemaJson {
    switch (type.kind) {
      case 'boolean':
        return this.#names.fixed(1)
      case 'float':
        return this.#names.fixed(4)
      case 'double':
        return this.#names.fixed(8)
      case 'fixed':
        return this.#names.fixed(type.size)
      case 'bytes':
      case 'string':
        return 'bytes'
      default:
        return 'long'
    }
  }
}

const recordOf = (name: string, ...fields: readonly object[]): SchemaJson => ({ type: 'record', name, fields })
