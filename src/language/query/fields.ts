import { decimalType, type FieldType, type TypeKind } from '../schemas/field-types.ts'
import { createSchema, type Schema } from '../schemas/schema.ts'

/** A field as written in `schema(…)`: a type, and whether it may be null. */
export interface FieldSpec<K extends TypeKind = TypeKind> {
  readonly kind: K
  readonly type: FieldType
  readonly isNullable: boolean
  /** The same field, which may also be null or absent. */
  nullable(): FieldSpec<K>
}

const spec = <K extends TypeKind>(kind: K, type: FieldType, isNullable = false): FieldSpec<K> => ({
  kind,
  type,
  isNullable,
  nullable: () => spec(kind, type, true),
})

export const string = (): FieldSpec<'string'> => spec('string', { kind: 'string' })
/** 32-bit whole number. */
export const int = (): FieldSpec<'int'> => spec('int', { kind: 'int' })
/** 64-bit whole number, exact. */
export const long = (): FieldSpec<'long'> => spec('long', { kind: 'long' })
/** 32-bit binary floating point. */
export const float = (): FieldSpec<'float'> => spec('float', { kind: 'float' })
/** 64-bit binary floating point. */
export const double = (): FieldSpec<'double'> => spec('double', { kind: 'double' })
export const boolean = (): FieldSpec<'boolean'> => spec('boolean', { kind: 'boolean' })
/** Exact decimal with `precision` digits, `scale` of them after the point: the type for money. At most 18 digits. */
export const decimal = (precision: number, scale: number): FieldSpec<'decimal'> =>
  spec('decimal', decimalType(precision, scale))
/** An instant, to the millisecond. */
export const timestamp = (): FieldSpec<'timestamp'> => spec('timestamp', { kind: 'timestamp' })
/** A calendar date without time or zone. */
export const date = (): FieldSpec<'date'> => spec('date', { kind: 'date' })
export const uuid = (): FieldSpec<'uuid'> => spec('uuid', { kind: 'uuid' })

/** Names and kinds of a relation's columns, for the type checker. */
export type Row = Readonly<Record<string, TypeKind>>

/** A schema that also carries its row type. */
export type TypedSchema<R extends Row> = Schema & { readonly row?: R }

/** @throws MSB_SCHEMA_INVALID */
export function schema<const F extends Readonly<Record<string, FieldSpec>>>(
  name: string,
  fields: F,
): TypedSchema<{ readonly [N in keyof F & string]: F[N]['kind'] }> {
  return createSchema(
    name,
    Object.entries(fields).map(([fieldName, { type, isNullable }]) => ({
      name: fieldName,
      type,
      nullable: isNullable,
    })),
  )
}
