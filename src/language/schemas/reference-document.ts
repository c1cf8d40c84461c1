import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { decimalType, type FieldType } from './field-types.ts'
import type { ForeignSchema } from './foreign-schema.ts'
import { createSchema, type Field, findField } from './schema.ts'

/** What a document of the reference system says: `{"key_space","schema":{"name","fields"},"primary_key"}`. */
export interface ReferenceDocument extends ForeignSchema {
  readonly keySpace: string
  /** Names of fields, in the order of the document. */
  readonly primaryKey: readonly string[]
  /** The field of the primary key that the platform fills with `resultId`: `id`, where it is a uuid. */
  readonly generatedId: string | null
}

/** Types go by Cassandra's names, and by the platform's own. */
const TYPES: Readonly<Record<string, FieldType['kind']>> = {
  text: 'string',
  varchar: 'string',
  ascii: 'string',
  string: 'string',
  tinyint: 'int',
  smallint: 'int',
  int: 'int',
  bigint: 'long',
  counter: 'long',
  long: 'long',
  float: 'float',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
  uuid: 'uuid',
  timeuuid: 'uuid',
}
const DECIMAL = /^decimal\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)$/

/**
 * Reads such a document. Everything but the primary key may be null, as in Cassandra, and so may an `id` that the platform fills.
 * @param json the document as text
 * @throws MSB_SCHEMA_INVALID naming what is wrong, or the field and its type
 */
export function schemaFromReferenceDocument(json: string): ReferenceDocument {
  const document = objectOf(parsed(json), 'the document')
  const schema = objectOf(document.schema, "'schema'")
  const written = fieldsOf(schema.fields)
  const primaryKey = primaryKeyOf(document.primary_key, written)
  const generatedId =
    primaryKey.find((name) => name === 'id' && typeOf(name, written.get(name)).kind === 'uuid') ?? null
  const fields: Field[] = [...written].map(([name, type]) => ({
    name,
    type: typeOf(name, type),
    nullable: !primaryKey.includes(name) || name === generatedId,
  }))
  const created = createSchema(textOf(schema.name, "'schema.name'"), fields)
  return {
    keySpace: textOf(document.key_space, "'key_space'"),
    schema: created,
    primaryKey: primaryKey.filter((name) => findField(created, name) !== undefined),
    generatedId,
    warnings: fields.flatMap(floatWarning),
  }
}

const wrong = (what: string, cause?: unknown): MysimbdpError =>
  new MysimbdpError('MSB_SCHEMA_INVALID', `the schema document cannot be read: ${what}`, {
    cause,
    hint: 'It looks like {"key_space":"…","schema":{"name":"…","fields":[{"name":"fare","type":"float"}]},"primary_key":["id"]}.',
  })

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw wrong('it is no JSON', cause)
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw wrong(`${what} is no object`)
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw wrong(`${what} is no text`)
}

/** Types by name, from a list of `{name, type}` or from an object of types. */
function fieldsOf(fields: unknown): ReadonlyMap<string, unknown> {
  if (!Array.isArray(fields)) return new Map(Object.entries(objectOf(fields, "'schema.fields'")))
  const types = new Map<string, unknown>()
  for (const field of fields) {
    const { name, type } = objectOf(field, "an entry of 'schema.fields'")
    const fieldName = textOf(name, "the name of an entry of 'schema.fields'")
    if (types.has(fieldName)) throw wrong(`field '${fieldName}' is there twice`)
    types.set(fieldName, type)
  }
  return types
}

function typeOf(name: string, written: unknown): FieldType {
  const text = typeof written === 'string' ? written.trim().toLowerCase() : ''
  const [, precision, scale] = DECIMAL.exec(text) ?? []
  if (precision !== undefined) return decimalType(Number(precision), Number(scale))
  if (text === 'decimal' || text === 'varint')
    throw wrong(`field '${name}' is '${text}', which does not say its digits; write decimal(10, 2), say`)
  const kind = Object.hasOwn(TYPES, text) ? TYPES[text] : undefined
  if (kind === undefined || kind === 'decimal')
    throw wrong(
      `field '${name}' has the type ${JSON.stringify(written) ?? 'undefined'}, and known are ${Object.keys(TYPES).join(', ')}, decimal(p, s)`,
    )
  return { kind }
}

/** One name, or a list of names and, for a partition key of several columns, lists of names. */
function primaryKeyOf(written: unknown, fields: ReadonlyMap<string, unknown>): readonly string[] {
  const names = [written].flat(2)
  for (const name of names)
    if (typeof name !== 'string' || !fields.has(name))
      throw wrong(`'primary_key' names ${JSON.stringify(name) ?? 'nothing'}, which is none of the fields`)
  if (names.length === 0) throw wrong("'primary_key' names no field")
  return names as string[]
}

function floatWarning({ name, type }: Field): string[] {
  if (type.kind !== 'float') return []
  return [
    `field '${name}' is a float, which keeps 7 digits in binary: an amount of money is exact as decimal(10, 2), and its sums are too`,
  ]
}
