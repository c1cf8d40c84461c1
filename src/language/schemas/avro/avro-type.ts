/** What a logical type adds to the type beneath it; null where there is none that is known and fits. */
export type LogicalType =
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'timestamp'; readonly unit: TimestampUnit; readonly local: boolean }
  | { readonly kind: 'date' }
  /** A time of day: no instant, only the number beneath it. */
  | { readonly kind: 'time' }
  | { readonly kind: 'uuid' }

export type TimestampUnit = 'millis' | 'micros' | 'nanos'

/** What a type with a name of its own is known by. */
export interface AvroName {
  /** Without its namespace. */
  readonly name: string
  /** With its namespace, where it has one. */
  readonly fullName: string
  /** Full names that a reader's type goes by as well. */
  readonly aliases: readonly string[]
}

export interface AvroFixed extends AvroName {
  readonly kind: 'fixed'
  readonly size: number
  readonly logical: LogicalType | null
}

export interface AvroEnum extends AvroName {
  readonly kind: 'enum'
  readonly symbols: readonly string[]
  /** What a reader takes for a symbol that it does not know. */
  readonly defaultSymbol: string | undefined
}

/** A type of a schema, with names resolved: a record may hold itself. */
export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'float' | 'double' }
  | { readonly kind: 'int' | 'long' | 'string' | 'bytes'; readonly logical: LogicalType | null }
  | { readonly kind: 'array' | 'map'; readonly items: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroFixed
  | AvroEnum
  | AvroRecord

export interface AvroRecord extends AvroName {
  readonly kind: 'record'
  /** In the order in which their values are written. */
  readonly fields: readonly AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly type: AvroType
  /** Names of writers' fields that a reader's field takes as well. */
  readonly aliases: readonly string[]
  /** JSON of the value that a reader takes where the writer has no such field; undefined where there is none. */
  readonly defaultValue: unknown
}

/** How a type is written in messages: `long (timestamp-millis)`, `null or string`. */
export function avroTypeName(type: AvroType): string {
  if (type.kind === 'union') return type.branches.map(avroTypeName).join(' or ') || 'an empty union'
  const logical = 'logical' in type ? type.logical : null
  return logical === null ? type.kind : `${type.kind} (${logicalName(logical)})`
}

const logicalName = (logical: LogicalType): string =>
  logical.kind === 'timestamp' ? `${logical.local ? 'local-' : ''}timestamp-${logical.unit}` : logical.kind
