import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { DECIMAL_PRECISION_MAX, decimalType, type FieldType } from '../field-types.ts'
import type { ForeignSchema } from '../foreign-schema.ts'
import { createSchema, type Field } from '../schema.ts'
import { type AvroField, type AvroRecord, type AvroType, avroTypeName } from './avro-type.ts'
import { parseAvroSchema } from './parse-avro-schema.ts'

/**
 * The schema of a stream from the JSON of an Avro record: primitive types, decimals of at most 18 digits, dates, timestamps, uuids, enums as
 * strings, and unions of one of them with null. What an Avro schema says beyond that and does not count here is a warning.
 * @throws MSB_SCHEMA_INVALID naming the field and its type
 */
export function schemaFromAvro(json: string): ForeignSchema {
  const record = parseAvroSchema(json)
  return {
    schema: createSchema(
      record.name,
      record.fields.map((field) => fieldFromAvro(record, field)),
    ),
    warnings: record.fields.flatMap(defaultWarning),
  }
}

function fieldFromAvro(record: AvroRecord, { name, type }: AvroField): Field {
  const branches = type.kind === 'union' ? type.branches : [type]
  const values = branches.filter(({ kind }) => kind !== 'null')
  const fieldType = values.length === 1 ? typeFromAvro(values[0]!) : null
  if (fieldType === null)
    throw new MysimbdpError(
      'MSB_SCHEMA_INVALID',
      `field '${name}' of Avro record '${record.fullName}' is ${describe(type)}, which no field of a stream can be`,
      {
        hint: 'Fields of a stream hold single values: write it as one of the types in docs/how-to/use-avro-and-a-registry.md.',
      },
    )
  return { name, type: fieldType, nullable: values.length < branches.length }
}

const describe = (type: AvroType): string => {
  const decimal = 'logical' in type && type.logical?.kind === 'decimal' ? type.logical : null
  return decimal === null ? avroTypeName(type) : `${type.kind} (decimal of ${decimal.precision} digits)`
}

/** Null for what has no single value, or needs more digits than a field keeps. */
function typeFromAvro(type: AvroType): FieldType | null {
  const logical = 'logical' in type ? type.logical : null
  switch (logical?.kind) {
    case 'decimal':
      return logical.precision > DECIMAL_PRECISION_MAX ? null : decimalType(logical.precision, logical.scale)
    case 'timestamp':
      return { kind: 'timestamp' }
    case 'date':
      return { kind: 'date' }
    case 'uuid':
      return { kind: 'uuid' }
  }
  switch (type.kind) {
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
      return { kind: type.kind }
    case 'enum':
      return { kind: 'string' }
    default:
      return null
  }
}

function defaultWarning({ name, defaultValue }: AvroField): string[] {
  if (defaultValue === undefined || defaultValue === null) return []
  return [
    `field '${name}' has the default ${JSON.stringify(defaultValue)}, which is not used: where a writer has no such field, the value is null or the record is rejected`,
  ]
}
