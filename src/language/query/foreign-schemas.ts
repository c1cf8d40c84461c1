import { schemaFromAvro } from '../schemas/avro/schema-from-avro.ts'
import { type ForeignSchema, requireFields } from '../schemas/foreign-schema.ts'
import { schemaFromReferenceDocument } from '../schemas/reference-document.ts'
import type { Schema } from '../schemas/schema.ts'
import { schema as builtSchema, type FieldSpec, type TypedSchema } from './fields.ts'

type Fields = Readonly<Record<string, FieldSpec>>
type RowOfFields<F extends Fields> = { readonly [N in keyof F & string]: F[N]['kind'] }

/**
 * The schema of an Avro record, from its JSON. A document that is read at run time has no types for the compiler, so `fields` says which
 * fields the queries use and what they are; the document is held to that. The others are part of the schema all the same.
 * @throws MSB_SCHEMA_INVALID
 */
export const avroSchema = <const F extends Fields>(json: string, fields: F): TypedSchema<RowOfFields<F>> =>
  typed(schemaFromAvro(json), fields)

/** The same from a document `{"key_space","schema":{"name","fields"},"primary_key"}`. @throws MSB_SCHEMA_INVALID */
export const referenceSchema = <const F extends Fields>(json: string, fields: F): TypedSchema<RowOfFields<F>> =>
  typed(schemaFromReferenceDocument(json), fields)

function typed<const F extends Fields>({ schema }: ForeignSchema, fields: F): Schema & TypedSchema<RowOfFields<F>> {
  requireFields(schema, builtSchema(schema.name, fields).fields)
  return schema
}
