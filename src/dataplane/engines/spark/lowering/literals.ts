import type { Expression } from '#language/expressions/expression.ts'
import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import { quoteText, sqlType, type TypedSql } from './typed-sql.ts'

type Literal = Extract<Expression, { kind: 'Literal' }>
type StoredValue = Exclude<Literal['value'], null>

const asText = (value: StoredValue): string => quoteText(String(value))

/** Numbers go through their text: a number in SQL has a type of its own. */
const literals: { readonly [K in TypeKind]: (value: StoredValue) => string } = {
  string: asText,
  uuid: asText,
  int: asText,
  long: asText,
  timestamp: asText,
  float: asText,
  double: asText,
  boolean: String,
  date: asText,
  decimal: asText,
}

export const lowerLiteral = ({
  type,
  value,
}: {
  readonly type: FieldType
  readonly value: Literal['value']
}): TypedSql => ({
  sql: `CAST(${value === null ? 'NULL' : literals[type.kind](value)} AS ${sqlType(type)})`,
  type,
})
