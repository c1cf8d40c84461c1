import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { FieldType } from './field-types.ts'

/** One field of a record. `nullable` fields may be absent or null. */
export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly nullable: boolean
}

/** The shape of a stream's records: one definition gives types, decoders, tables and Spark schema. Plain frozen data. */
export interface Schema {
  readonly name: string
  readonly fields: readonly Field[]
}

/** Also the length of what becomes a folder, a topic, and a part of a URL. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/

/** @throws MSB_SCHEMA_INVALID for an empty schema, a repeated field, or a name that is no identifier */
export function createSchema(name: string, fields: readonly Field[]): Schema {
  if (fields.length === 0) throw new MysimbdpError('MSB_SCHEMA_INVALID', `schema '${name}' has no fields`)
  const seen = new Set<string>()
  for (const field of fields) {
    if (!NAME.test(field.name))
      throw new MysimbdpError(
        'MSB_SCHEMA_INVALID',
        `'${field.name}' is no field name: letters, digits and _ only, no digit first, at most 100`,
      )
    if (seen.has(field.name))
      throw new MysimbdpError('MSB_SCHEMA_INVALID', `field '${field.name}' is defined twice in schema '${name}'`)
    seen.add(field.name)
  }
  return Object.freeze({
    name,
    fields: Object.freeze(fields.map((field) => Object.freeze({ ...field, type: Object.freeze(field.type) }))),
  })
}

export const findField = (schema: Schema, name: string): Field | undefined =>
  schema.fields.find((field) => field.name === name)

export const isIdentifier = (name: string): boolean => NAME.test(name)
