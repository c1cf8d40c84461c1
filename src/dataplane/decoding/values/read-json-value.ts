import type { FieldType } from '#language/schemas/field-types.ts'
import { isNumberText, readNumber } from './read-number.ts'
import { readText } from './read-text.ts'
import { accept, type Reading, refuse } from './reading.ts'

/** A well-formed JSON value other than null, given as its source text. Nothing is converted between JSON types. */
export function readJsonValue(source: string, type: FieldType, timeZone: string): Reading {
  if (source === 'true' || source === 'false')
    return type.kind === 'boolean' ? accept(source === 'true') : refuse('wrong_type')
  if (source.startsWith('"')) return readText(JSON.parse(source) as string, type, timeZone)
  return isNumberText(source) ? readNumber(source, type) : refuse('wrong_type')
}
