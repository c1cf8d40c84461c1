import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { Field, Schema } from '#language/schemas/schema.ts'
import type { Rejection } from '../records/record-batch.ts'
import type { ColumnBuilder } from './columns/column-builder.ts'
import { createColumn } from './columns/create-column.ts'
import { missingField, nullNotAllowed } from './rejections.ts'

/** A field of the schema with the column its values go to. */
export interface DecoderField extends Field {
  readonly column: ColumnBuilder
}

export function createDecoderFields(schema: Schema, eventTime: string, timeZone: string): readonly DecoderField[] {
  const isTimestamp = schema.fields.some(({ name, type }) => name === eventTime && type.kind === 'timestamp')
  invariant(isTimestamp, `the event time '${eventTime}' is a timestamp field of schema '${schema.name}'`)
  return schema.fields.map(({ name, type, nullable }) => ({
    name,
    type,
    nullable: nullable && name !== eventTime,
    column: createColumn(type, timeZone),
  }))
}

/** Why a field may not be without a value; null when it may. */
export function noValueFault(field: DecoderField, how: 'absent' | 'null'): Rejection | null {
  if (field.nullable) return null
  return how === 'absent' ? missingField(field) : nullNotAllowed(field)
}
