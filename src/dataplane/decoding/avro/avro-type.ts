/** What a logical type adds to the type beneath it; null where there is none that is known and fits. */
export type LogicalType =
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'timestamp'; readonly unit: TimestampUnit; readonly local: boolean }
  | { readonly kind: 'date' }
  /** A time of day: no instant, only the number beneath it. */
  | { readonly kind: 'time' }
  | { readonly kind: 'uuid' }

export type TimestampUnit = 'millis' | 'micros' | 'nanos'

/** A type of a writer's schema, with names resolved: a record may hold itself. */
export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'float' | 'double' }
  | { readonly kind: 'int' | 'long' | 'string' | 'bytes'; readonly logical: LogicalType | null }
  | { readonly kind: 'fixed'; readonly size: number; readonly logical: LogicalType | null }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly items: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord

export interface AvroRecord {
  readonly kind: 'record'
  readonly name: string
  /** In the order in which their values are written. */
  readonly fields: readonly AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly type: AvroType
}

/** How a type is written in messages: `long (timestamp-millis)`, `null or string`. */
export function avroTypeName(type: AvroType): string {
  if (type.kind === 'union') return type.branches.map(avroTypeName).join(' or ') || 'an empty union'
  const logical = 'logical' in type ? type.logical : null
  return logical === null ? type.kind : `${type.kind} (${logicalName(logical)})`
}

const logicalName = (logical: LogicalType): string =>
  logical.kind === 'timestamp' ? `${logical.local ? 'local-' : ''}timestamp-${logical.unit}` : logical.kind
