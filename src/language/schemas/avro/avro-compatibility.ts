import {
  type AvroEnum,
  type AvroField,
  type AvroFixed,
  type AvroRecord,
  type AvroType,
  avroTypeName,
} from './avro-type.ts'

/** Writers' types that a reader's type takes besides itself (Avro specification, schema resolution). */
const PROMOTED_FROM: Readonly<Partial<Record<AvroType['kind'], readonly AvroType['kind'][]>>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
}

/**
 * Why a reader with one schema cannot read everything that is written with another, by the rules of the Avro specification: a sentence for
 * each place, which names the field. None when it can. Logical types do not count there, and so not here.
 */
export const incompatibilities = (reader: AvroType, writer: AvroType): readonly string[] => [
  ...new Set(new Comparison().compare(reader, writer, '')),
]

class Comparison {
  /** What was found for each pair. While a pair is compared nothing is: a record that holds itself is as compatible as the rest of it. */
  readonly #found = new Map<AvroType, Map<AvroType, readonly string[]>>()

  /** @param path where in the schema we are: '' at its root, else `field 'a.b'` */
  compare(reader: AvroType, writer: AvroType, path: string): readonly string[] {
    const ofReader = this.#found.get(reader) ?? new Map<AvroType, readonly string[]>()
    const known = ofReader.get(writer)
    if (known !== undefined) return known
    this.#found.set(reader, ofReader.set(writer, []))
    const found = this.#compareAnew(reader, writer, path)
    ofReader.set(writer, found)
    return found
  }

  #compareAnew(reader: AvroType, writer: AvroType, path: string): readonly string[] {
    if (writer.kind === 'union') return writer.branches.flatMap((branch) => this.compare(reader, branch, path))
    if (reader.kind === 'union') {
      const isRead = reader.branches.some((branch) => this.compare(branch, writer, path).length === 0)
      return isRead ? [] : [mismatch(reader, writer, path)]
    }
    if (reader.kind !== writer.kind)
      return PROMOTED_FROM[reader.kind]?.includes(writer.kind) ? [] : [mismatch(reader, writer, path)]
    switch (reader.kind) {
      case 'record':
        return this.#records(reader, writer as AvroRecord, path)
      case 'enum':
        return enums(reader, writer as AvroEnum, path)
      case 'fixed':
        return fixed(reader, writer as AvroFixed, path)
      case 'array':
      case 'map':
        return this.compare(reader.items, (writer as typeof reader).items, `${path || 'the schema'}, in its items,`)
      default:
        return []
    }
  }

  #records(reader: AvroRecord, writer: AvroRecord, path: string): readonly string[] {
    const renamed = nameMismatch(reader, writer, path)
    return [...renamed, ...reader.fields.flatMap((field) => this.#field(field, writer, path))]
  }

  #field(field: AvroField, writer: AvroRecord, path: string): readonly string[] {
    const place = path.startsWith("field '") ? `${path.slice(0, -1)}.${field.name}'` : `field '${field.name}'`
    const written = writer.fields.find(({ name }) => name === field.name || field.aliases.includes(name))
    if (written !== undefined) return this.compare(field.type, written.type, place)
    if (field.defaultValue !== undefined) return []
    return [`${place} has no default and is not in what was written before`]
  }
}

const mismatch = (reader: AvroType, writer: AvroType, path: string): string =>
  `${path || 'the schema'} is read as ${avroTypeName(reader)} and written as ${avroTypeName(writer)}`

/** Names count without their namespace, as in the library of Avro itself. */
function nameMismatch(
  reader: AvroRecord | AvroEnum | AvroFixed,
  writer: AvroRecord | AvroEnum | AvroFixed,
  path: string,
): string[] {
  const same = reader.name === writer.name || reader.aliases.includes(writer.fullName)
  if (same) return []
  return [`${path || 'the schema'} is read as ${reader.kind} '${reader.fullName}' and written as '${writer.fullName}'`]
}

function enums(reader: AvroEnum, writer: AvroEnum, path: string): string[] {
  const unknown = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol))
  const lost = unknown.length > 0 && reader.defaultSymbol === undefined
  const place = path || 'the schema'
  return [
    ...nameMismatch(reader, writer, path),
    ...(lost ? [`${place} lacks the ${unknown.length === 1 ? 'symbol' : 'symbols'} ${unknown.join(', ')}`] : []),
  ]
}

function fixed(reader: AvroFixed, writer: AvroFixed, path: string): string[] {
  const place = path || 'the schema'
  const resized = reader.size !== writer.size
  return [
    ...nameMismatch(reader, writer, path),
    ...(resized ? [`${place} is read as ${reader.size} bytes and written as ${writer.size}`] : []),
  ]
}
