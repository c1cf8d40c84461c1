import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type AvroRecord, type AvroType, avroTypeName } from '#language/schemas/avro/avro-type.ts'
import { type FieldType, typeName } from '#language/schemas/field-types.ts'
import type { Field } from '#language/schemas/schema.ts'
import type { Rejection } from '../../records/record-batch.ts'
import { renamedField } from '../rejections.ts'

/** How the records of one writer become those of the stream. */
export interface RecordResolution {
  readonly record: AvroRecord
  /** For each field of the writer, in its order, the index of the stream's field; -1 when the stream has none. */
  readonly fieldOf: readonly number[]
  /** Fields of the stream that the writer lacks. */
  readonly absent: readonly number[]
  /** Why no record of this writer can be right: its schema has other names. */
  readonly fault: Rejection | null
}

/**
 * Semantics 1.10: fields are matched by name, and 1.5 holds for the writer's schema as for a CSV header.
 * @throws MSB_INPUT_UNREADABLE for a field whose type cannot become that of the stream
 */
export function resolveRecord(record: AvroRecord, fields: readonly Field[]): RecordResolution {
  const fieldOf = record.fields.map(({ name }) => fields.findIndex((field) => field.name === name))
  const absent = fields.flatMap((_, index) => (fieldOf.includes(index) ? [] : [index]))
  const unreadable = unreadableField(record, fields)
  if (unreadable !== undefined)
    throw new MysimbdpError(
      'MSB_INPUT_UNREADABLE',
      `field '${unreadable.field.name}' is written as ${unreadable.written}, which cannot become the stream's ${typeName(unreadable.field.type)}`,
      { hint: 'Write it in a type that fits (semantics 1.10), or change the schema of the stream.' },
    )
  const unknown = record.fields.find((_, place) => fieldOf[place] === -1)
  const renamed = absent.length > 0 && unknown !== undefined ? renamedField(fields[absent[0]!]!, unknown.name) : null
  return { record, fieldOf, absent, fault: renamed }
}

/** The first field of the stream whose writer's type can never give its type, with the name of that type. */
export function unreadableField(
  record: AvroRecord,
  fields: readonly Field[],
): { readonly field: Field; readonly written: string } | undefined {
  for (const { name, type } of record.fields) {
    const field = fields.find((candidate) => candidate.name === name)
    if (field !== undefined && !canBecome(type, field.type)) return { field, written: avroTypeName(type) }
  }
  return undefined
}

/** Whether some value of the writer's type, or only null, can be one of the field's. */
function canBecome(type: AvroType, target: FieldType): boolean {
  const branches = type.kind === 'union' ? type.branches : [type]
  return branches.every(({ kind }) => kind === 'null') || branches.some((branch) => fits(branch, target))
}

/** Whether a type that is no union can give values of the field's type, by the table of semantics 1.10. */
export function fits(type: AvroType, target: FieldType): boolean {
  const logical = 'logical' in type ? type.logical : null
  switch (target.kind) {
    case 'string':
      return type.kind === 'string' || type.kind === 'enum'
    case 'uuid':
      return type.kind === 'string' || (type.kind === 'fixed' && logical?.kind === 'uuid')
    case 'boolean':
      return type.kind === 'boolean'
    case 'date':
      return type.kind === 'string' || logical?.kind === 'date'
    case 'timestamp':
      return (
        type.kind === 'string' ||
        logical?.kind === 'timestamp' ||
        ((type.kind === 'int' || type.kind === 'long') && logical === null)
      )
    default:
      return isNumber(type)
  }
}

const isNumber = (type: AvroType): boolean =>
  type.kind === 'int' ||
  type.kind === 'long' ||
  type.kind === 'float' ||
  type.kind === 'double' ||
  ('logical' in type && type.logical?.kind === 'decimal')
