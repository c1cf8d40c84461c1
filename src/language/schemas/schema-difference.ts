import { sameType, typeName } from './field-types.ts'
import type { Field, Schema } from './schema.ts'

/** The first difference between two schemas, in words: `field 'fare' is gone`; undefined when they are the same. */
export function schemaDifference(stored: Schema, given: Schema): string | undefined {
  const count = Math.max(stored.fields.length, given.fields.length)
  for (let index = 0; index < count; index++) {
    const difference = fieldDifference(stored.fields[index], given.fields[index])
    if (difference !== undefined) return difference
  }
  return stored.name === given.name ? undefined : `its name of the schema is '${stored.name}', not '${given.name}'`
}

function fieldDifference(stored: Field | undefined, given: Field | undefined): string | undefined {
  if (stored === undefined) return `field '${given?.name}' is new`
  if (given === undefined) return `field '${stored.name}' is gone`
  if (stored.name !== given.name) return `its schema has field '${stored.name}' where this one has '${given.name}'`
  const nullable = (field: Field) => (field.nullable ? ' or null' : '')
  const same = sameType(stored.type, given.type) && stored.nullable === given.nullable
  return same
    ? undefined
    : `field '${stored.name}' is ${typeName(stored.type)}${nullable(stored)} there, and ${typeName(given.type)}${nullable(given)} here`
}
