import type { AvroType } from '#language/schemas/avro/avro-type.ts'
import { isFiniteNumber } from '../typed-sql.ts'
import { valueTexts } from '../values-text.ts'
import { decimalLayout } from './scalar-layout.ts'

/** The shortest text of a float or a double; Spark's own of what is no number. */
export const numberText = (given: string, kind: 'float' | 'double'): string =>
  `CASE WHEN ${isFiniteNumber(given)} THEN ${valueTexts[kind](given)} ELSE CAST(${given} AS STRING) END`

/** Null for what Spark does not read as a decimal. */
export const decimalText = (given: string, type: AvroType): string | null =>
  decimalLayout(type) === null ? null : `CAST(${given} AS STRING)`
