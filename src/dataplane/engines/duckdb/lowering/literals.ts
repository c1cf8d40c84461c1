import type { Expression } from '#language/expressions/expression.ts'
import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import { quoteText, type TypedSql } from './typed-sql.ts'

type Literal = Extract<Expression, { kind: 'Literal' }>
type StoredValue = Exclude<Literal['value'], null>

/** The type a value has in SQL expressions (see `TypedSql`). */
export const sqlTypes: { readonly [K in TypeKind]: string } = {
  string: 'VARCHAR',
  uuid: 'VARCHAR',
  int: 'INTEGER',
  long: 'BIGINT',
  timestamp: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  decimal: 'HUGEINT',
}

const literals: { readonly [K in TypeKind]: (value: StoredValue, type: Extract<FieldType, { kind: K }>) => string } = {
  string: (value) => quoteText(String(value)),
  uuid: (value) => quoteText(String(value)),
  int: String,
  long: String,
  timestamp: String,
  // Through the text: a number in SQL is a decimal, and its way to a double need not round once.
  float: (value) => `CAST('${value}' AS DOUBLE)`,
  double: (value) => `'${value}'`,
  boolean: String,
  date: (value) => quoteText(String(value)),
  decimal: (value, { scale }) => unscaledDigits(String(value), scale),
}

/** `12.5` at scale 2 is `1250`. */
function unscaledDigits(text: string, scale: number): string {
  const [whole = '', fraction = ''] = text.split('.')
  return `${whole}${fraction.padEnd(scale, '0')}`
}

export function lowerLiteral({ type, value }: Literal): TypedSql {
  const lower = literals[type.kind] as (value: StoredValue, type: FieldType) => string
  return { sql: `CAST(${value === null ? 'NULL' : lower(value, type)} AS ${sqlTypes[type.kind]})`, type }
}
