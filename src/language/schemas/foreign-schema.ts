import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sameType, typeName } from './field-types.ts'
import { type Field, findField, type Schema } from './schema.ts'

/** A schema that was written for something else. */
export interface ForeignSchema {
  readonly schema: Schema
  /** Sentences about what it says that does not count here, or counts in a way that may surprise. */
  readonly warnings: readonly string[]
}

/**
 * Holds a foreign schema to what its reader takes it to be.
 * @param expected fields that must be there, with exactly these types; others may be there too
 * @throws MSB_SCHEMA_INVALID naming the first field that is otherwise
 */
export function requireFields(schema: Schema, expected: readonly Field[]): void {
  for (const { name, type, nullable } of expected) {
    const found = findField(schema, name)
    const text = (field: Pick<Field, 'type' | 'nullable'>): string =>
      `${typeName(field.type)}${field.nullable ? ' or null' : ''}`
    const isSame = found !== undefined && sameType(found.type, type) && found.nullable === nullable
    if (isSame) continue
    const there = found === undefined ? 'is not in it' : `is ${text(found)} in it`
    throw new MysimbdpError(
      'MSB_SCHEMA_INVALID',
      `field '${name}' of schema '${schema.name}' ${there}, and ${text({ type, nullable })} is expected`,
      { hint: 'Correct the field in the app, or the schema it comes from.' },
    )
  }
}
