import type { FieldType } from '../field-types.ts'
import { isIdentifier, type Schema } from '../schema.ts'

/** Avro as JSON has it: a name of a type, a type with attributes, or a union. */
export type AvroJson = string | readonly AvroJson[] | { readonly type: string; readonly [attribute: string]: unknown }

/**
 * The Avro record of a schema, as the platform writes and registers it: decimals on bytes, timestamps in milliseconds. A field that may be
 * null is a union with null first and the default null, so that one can be added without breaking readers.
 */
export function schemaToAvro({ name, fields }: Schema): string {
  return JSON.stringify({
    type: 'record',
    name: avroNameOf(name),
    fields: fields.map((field) => {
      const type = avroOf(field.type)
      return field.nullable ? { name: field.name, type: ['null', type], default: null } : { name: field.name, type }
    }),
  })
}

/** Names of schemas are free here, and in Avro they are not. */
const avroNameOf = (name: string): string => (isIdentifier(name) ? name : `_${name.replace(/[^A-Za-z0-9_]/g, '_')}`)

function avroOf(type: FieldType): AvroJson {
  switch (type.kind) {
    case 'decimal':
      return { type: 'bytes', logicalType: 'decimal', precision: type.precision, scale: type.scale }
    case 'timestamp':
      return { type: 'long', logicalType: 'timestamp-millis' }
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'uuid':
      return { type: 'string', logicalType: 'uuid' }
    default:
      return type.kind
  }
}
