import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { Field, Schema } from '#language/schemas/schema.ts'
import type { Rejection } from '../records/record-batch.ts'
import type { ColumnBuilder } from './columns/column-builder.ts'
import { createColumn } from './columns/create-column.ts'
import { UnkeptColumn } from './columns/unkept-column.ts'
import { missingField, nullNotAllowed } from './rejections.ts'

/** A field of the schema with the column its values go to. */
export interface DecoderField extends Field {
  readonly column: ColumnBuilder
  /** Whether batches have its column; its values are checked in any case. */
  readonly kept: boolean
}

export interface FieldOptions {
  readonly schema: Schema
  readonly eventTime: string
  readonly timeZone: string
  /** Names of the fields whose values batches have; all by default, and the event time in any case. */
  readonly fieldsKept?: ReadonlySet<string>
}

/** @throws MSB_INTERNAL when the event time is no timestamp of the schema */
export function createDecoderFields({
  schema,
  eventTime,
  timeZone,
  fieldsKept,
}: FieldOptions): readonly DecoderField[] {
  const isTimestamp = schema.fields.some(({ name, type }) => name === eventTime && type.kind === 'timestamp')
  invariant(isTimestamp, `the event time '${eventTime}' is a timestamp field of schema '${schema.name}'`)
  return schema.fields.map(({ name, type, nullable }) => {
    const kept = fieldsKept?.has(name) !== false || name === eventTime
    // Times that occur twice are counted in all timestamps.
    const needsColumn = kept || type.kind === 'timestamp'
    return {
      name,
      type,
      nullable: nullable && name !== eventTime,
      kept,
      column: needsColumn ? createColumn(type, timeZone) : new UnkeptColumn(type, timeZone),
    }
  })
}

/** Why a field may not be without a value; null when it may. */
export function noValueFault(field: DecoderField, how: 'absent' | 'null'): Rejection | null {
  if (field.nullable) return null
  return how === 'absent' ? missingField(field) : nullNotAllowed(field)
}
