import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { AvroField, AvroName, AvroRecord, AvroType, LogicalType, TimestampUnit } from './avro-type.ts'

const DEPTH_MAX = 64
const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])
const UUID_BYTES = 16
const FIXED_BYTES_MAX = 16 * 1024 * 1024

type SchemaObject = Readonly<Record<string, unknown>>

/**
 * Reads the JSON of an Avro schema: a record, or any other type.
 * @throws MSB_SCHEMA_INVALID when it is none
 */
export function parseAvroType(json: string): AvroType {
  let document: unknown
  try {
    document = JSON.parse(json)
  } catch (cause) {
    throw notASchema('it is no JSON', cause)
  }
  return new SchemaParser().parse(document, '', 0)
}

/**
 * Reads the JSON of a schema of records.
 * @throws MSB_SCHEMA_INVALID when it is no Avro schema, or not that of a record
 */
export function parseAvroSchema(json: string): AvroRecord {
  const type = parseAvroType(json)
  if (type.kind !== 'record') throw notASchema(`it describes no record, but ${type.kind}`)
  return type
}

const notASchema = (why: string, cause?: unknown): MysimbdpError =>
  new MysimbdpError('MSB_SCHEMA_INVALID', `the Avro schema cannot be read: ${why}`, {
    cause,
    hint: 'Correct the schema; the Avro specification says what one looks like.',
  })

class SchemaParser {
  readonly #named = new Map<string, AvroType>()

  parse(schema: unknown, namespace: string, depth: number): AvroType {
    if (depth > DEPTH_MAX) throw notASchema(`types are nested more than ${DEPTH_MAX} deep`)
    if (typeof schema === 'string') return this.#reference(schema, namespace)
    if (Array.isArray(schema))
      return { kind: 'union', branches: schema.map((branch) => this.parse(branch, namespace, depth + 1)) }
    if (typeof schema !== 'object' || schema === null) throw notASchema(`${JSON.stringify(schema)} is no type`)
    const written = schema as SchemaObject
    const { type } = written
    if (typeof type !== 'string') return this.parse(type, namespace, depth + 1)
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(written, namespace, depth)
      case 'enum':
        return this.#register(written, namespace, enumType(written, namespace))
      case 'fixed':
        return this.#register(written, namespace, fixedType(written, namespace))
      case 'array':
        return { kind: 'array', items: this.parse(written.items, namespace, depth + 1) }
      case 'map':
        return { kind: 'map', items: this.parse(written.values, namespace, depth + 1) }
      default:
        return withLogicalType(this.#reference(type, namespace), written)
    }
  }

  #reference(name: string, namespace: string): AvroType {
    if (PRIMITIVES.has(name)) return { kind: name, logical: null } as AvroType
    const found = this.#named.get(fullName(name, namespace)) ?? this.#named.get(name)
    if (found === undefined) throw notASchema(`there is no type '${name}'`)
    return found
  }

  #record(schema: SchemaObject, namespace: string, depth: number): AvroType {
    const fields: AvroField[] = []
    const record: AvroRecord = { kind: 'record', ...namesOf(schema, namespace), fields }
    // Its name is known before its fields are: they may hold the record itself.
    this.#register(schema, namespace, record)
    const inside = namespaceOf(schema, namespace)
    if (!Array.isArray(schema.fields)) throw notASchema(`record '${record.name}' has no list of fields`)
    for (const field of schema.fields as readonly SchemaObject[]) {
      const name = nameIn(field)
      if (fields.some((other) => other.name === name))
        throw notASchema(`record '${record.name}' has two fields '${name}'`)
      const type = this.parse(field.type, inside, depth + 1)
      fields.push({ name, type, aliases: textsIn(field, 'aliases'), defaultValue: field.default })
    }
    return record
  }

  #register<T extends AvroType>(schema: SchemaObject, namespace: string, type: T): T {
    const full = fullName(nameIn(schema), namespaceOf(schema, namespace))
    if (this.#named.has(full)) throw notASchema(`type '${full}' is defined twice`)
    this.#named.set(full, type)
    return type
  }
}

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`

/** The namespace that names inside a named type belong to. */
function namespaceOf(schema: SchemaObject, enclosing: string): string {
  const name = nameIn(schema)
  if (name.includes('.')) return name.slice(0, name.lastIndexOf('.'))
  return typeof schema.namespace === 'string' ? schema.namespace : enclosing
}

function nameIn(schema: SchemaObject | null): string {
  const name = schema?.name
  if (typeof name !== 'string' || name === '') throw notASchema('a record, a field, an enum or a fixed has no name')
  return name
}

function namesIn(schema: SchemaObject, member: string): readonly string[] {
  const names = schema[member]
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string'))
    throw notASchema(`'${nameIn(schema)}' has no list of ${member}`)
  return names as readonly string[]
}

/** A list of texts that may be absent. */
const textsIn = (schema: SchemaObject, member: string): readonly string[] =>
  schema[member] === undefined ? [] : namesIn(schema, member)

function namesOf(schema: SchemaObject, enclosing: string): AvroName {
  const namespace = namespaceOf(schema, enclosing)
  const full = fullName(nameIn(schema), namespace)
  return {
    name: full.slice(full.lastIndexOf('.') + 1),
    fullName: full,
    aliases: textsIn(schema, 'aliases').map((alias) => fullName(alias, namespace)),
  }
}

function enumType(schema: SchemaObject, namespace: string): AvroType {
  const { default: defaultSymbol } = schema
  const symbols = namesIn(schema, 'symbols')
  if (defaultSymbol !== undefined && !symbols.includes(defaultSymbol as string))
    throw notASchema(
      `enum '${nameIn(schema)}' has the default ${JSON.stringify(defaultSymbol)}, which is none of its symbols`,
    )
  return { kind: 'enum', ...namesOf(schema, namespace), symbols, defaultSymbol: defaultSymbol as string | undefined }
}

function fixedType(schema: SchemaObject, namespace: string): AvroType {
  const { size } = schema
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > FIXED_BYTES_MAX)
    throw notASchema(`fixed '${nameIn(schema)}' has no size that is possible`)
  return withLogicalType({ kind: 'fixed', ...namesOf(schema, namespace), size, logical: null }, schema)
}

/** A logical type that is unknown or does not fit its type is left out, as Avro wants it. */
function withLogicalType(type: AvroType, schema: SchemaObject): AvroType {
  const { logicalType } = schema
  if (typeof logicalType !== 'string' || !('logical' in type)) return type
  const logical = logicalTypeOf(logicalType, type, schema)
  return logical === null ? type : { ...type, logical }
}

const TIME_OF_DAY = new Map([
  ['time-millis', 'int'],
  ['time-micros', 'long'],
])
const TIMESTAMP = /^(local-)?timestamp-(millis|micros|nanos)$/

function logicalTypeOf(
  name: string,
  type: Extract<AvroType, { readonly logical: LogicalType | null }>,
  schema: SchemaObject,
): LogicalType | null {
  const [timestamp, local, unit] = TIMESTAMP.exec(name) ?? []
  if (timestamp !== undefined && type.kind === 'long')
    return { kind: 'timestamp', unit: unit as TimestampUnit, local: local !== undefined }
  if (name === 'date' && type.kind === 'int') return { kind: 'date' }
  if (TIME_OF_DAY.get(name) === type.kind) return { kind: 'time' }
  if (name === 'uuid' && (type.kind === 'string' || (type.kind === 'fixed' && type.size === UUID_BYTES)))
    return { kind: 'uuid' }
  if (name === 'decimal' && (type.kind === 'bytes' || type.kind === 'fixed')) return decimalOf(schema)
  return null
}

function decimalOf({ precision, scale = 0 }: SchemaObject): LogicalType | null {
  const fits =
    typeof precision === 'number' &&
    typeof scale === 'number' &&
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    precision >= 1 &&
    scale >= 0 &&
    scale <= precision
  return fits ? { kind: 'decimal', precision, scale } : null
}
