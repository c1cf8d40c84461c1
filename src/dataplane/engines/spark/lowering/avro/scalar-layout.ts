import { type AvroRecord, type AvroType, avroTypeName } from '#language/schemas/avro/avro-type.ts'
import type { Field } from '#language/schemas/schema.ts'

/** JSON of an Avro schema, or of a part of one. */
export type SchemaJson = string | readonly SchemaJson[] | { readonly [member: string]: unknown }

/** Names of types, each of which a schema may define once. */
export class LayoutNames {
  #count = 0

  next(): string {
    return `t${this.#count++}`
  }

  fixed(size: number): SchemaJson {
    return { type: 'fixed', name: this.next(), size }
  }
}

/** Digits of Spark's widest decimal. */
const DECIMAL_DIGITS_MAX = 38

/** Digits that every number of so many bytes in two's complement has room for. */
const digitsOf = (bytes: number): number => Math.floor((8 * bytes - 1) * Math.log10(2))

type DecimalLayout = { readonly precision: number; readonly scale: number }

/**
 * The decimal as which Spark is asked for a writer's: as wide as can be, for a writer may go beyond the precision that he named.
 * @returns null for what is no decimal, and for one whose digits behind the point are more than Spark has
 */
export function decimalLayout(type: AvroType): DecimalLayout | null {
  if (type.kind !== 'bytes' && type.kind !== 'fixed') return null
  if (type.logical?.kind !== 'decimal') return null
  const { scale } = type.logical
  const room = type.kind === 'fixed' ? digitsOf(type.size) : DECIMAL_DIGITS_MAX
  const precision = Math.min(room, DECIMAL_DIGITS_MAX)
  return scale <= precision ? { precision, scale } : null
}

/** How Spark is asked for a value that can become a field's; null for one that cannot. Values are then: see `readAvro`. */
export function scalarLayout(type: AvroType, names: LayoutNames): SchemaJson | null {
  const decimal = decimalLayout(type)
  const logical = decimal === null ? {} : { logicalType: 'decimal', ...decimal }
  switch (type.kind) {
    // Avro's library takes any byte that is not 1 for false.
    case 'boolean':
      return names.fixed(1)
    // It drops what an int has beyond 32 bits, and knows only symbols that are names.
    case 'int':
    case 'long':
    case 'enum':
      return 'long'
    case 'float':
    case 'double':
    case 'string':
      return type.kind
    case 'bytes':
      return decimal === null ? null : { type: 'bytes', ...logical }
    case 'fixed':
      if (decimal !== null) return { type: 'fixed', name: names.next(), size: type.size, ...logical }
      return type.logical?.kind === 'uuid' ? names.fixed(type.size) : null
    default:
      return null
  }
}

/** Whether Spark gives values of the type. */
export const isScalar = (type: AvroType): boolean => scalarLayout(type, new LayoutNames()) !== null

/** The first field of the stream that a writer writes as a decimal with more digits than Spark has; with the name of that type. */
export function unreadableOnSpark(
  record: AvroRecord,
  fields: readonly Field[],
): { readonly field: Field; readonly written: string } | undefined {
  for (const { name, type } of record.fields) {
    const field = fields.find((one) => one.name === name)
    const tooWide = (type.kind === 'union' ? type.branches : [type]).find(
      (branch) => 'logical' in branch && branch.logical?.kind === 'decimal' && !isScalar(branch),
    )
    if (field !== undefined && tooWide !== undefined) return { field, written: avroTypeName(tooWide) }
  }
  return undefined
}
