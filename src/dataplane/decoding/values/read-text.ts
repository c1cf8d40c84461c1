import type { TimestampPattern } from '#language/schemas/csv-format.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { type ParsedTime, parseIsoDate, parseIsoTimestamp, parsePortalTimestamp } from '#language/schemas/time-text.ts'
import { accept, type Reading, refuse } from './reading.ts'

/** Values that are written as text, by semantics 1.4. */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The content of a JSON string as a value of a type. */
export function readText(text: string, type: FieldType, timeZone: string): Reading {
  switch (type.kind) {
    case 'string':
      return accept(text)
    case 'uuid':
      return UUID.test(text) ? accept(text.toLowerCase()) : refuse('wrong_type')
    case 'timestamp':
      return readTimestamp(text, timeZone, undefined)
    case 'date': {
      const days = parseIsoDate(text)
      return days === undefined ? refuse('invalid_time') : accept(days)
    }
    default:
      return refuse('wrong_type')
  }
}

export function readTimestamp(text: string, timeZone: string, pattern: TimestampPattern | undefined): Reading {
  const time: ParsedTime =
    pattern === undefined ? parseIsoTimestamp(text, timeZone) : parsePortalTimestamp(text, timeZone)
  if (time.kind === 'instant') return accept(time.epochMs, time.ambiguous)
  return refuse(time.kind === 'nonexistent' ? 'nonexistent_local_time' : 'invalid_time')
}
