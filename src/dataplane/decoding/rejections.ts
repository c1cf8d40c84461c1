import { isUtf8 } from 'node:buffer'
import { type FieldType, typeName } from '#language/schemas/field-types.ts'
import type { Rejection, RejectionCode } from '../records/record-batch.ts'

/** The words of every rejection; decoders only choose one. */

const FOUND_CHARACTERS_MAX = 80

/** At most 80 characters, without half a surrogate pair at the cut. */
function shorten(text: string): string {
  if (text.length <= FOUND_CHARACTERS_MAX) return text
  const cut = text.slice(0, FOUND_CHARACTERS_MAX - 1)
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`
}

interface NamedField {
  readonly name: string
  readonly type: FieldType
}

export const wrongEncoding = (): Rejection => ({ code: 'wrong_encoding', field: null, expected: 'UTF-8', found: null })

export const tooLarge = (lengthBytes: number, lengthBytesMax: number): Rejection => ({
  code: 'too_large',
  field: null,
  expected: `at most ${lengthBytesMax} bytes`,
  found: `${lengthBytes} bytes`,
})

export const malformed = (text: string, expected: string): Rejection => ({
  code: 'malformed',
  field: null,
  expected,
  found: shorten(text),
})

export const notAnObject = (text: string): Rejection => ({
  code: 'not_an_object',
  field: null,
  expected: 'a JSON object',
  found: shorten(text),
})

export const wrongColumnCount = (columns: number, expected: number): Rejection => ({
  code: 'wrong_column_count',
  field: null,
  expected: `${expected} columns`,
  found: `${columns} columns`,
})

export const renamedField = (missing: NamedField, unknown: string): Rejection => ({
  code: 'renamed_field',
  field: missing.name,
  expected: typeName(missing.type),
  found: shorten(unknown),
})

export const unknownSchema = (id: number): Rejection => ({
  code: 'unknown_schema',
  field: null,
  expected: 'the id of a schema in the registry',
  found: String(id),
})

/** For every record of a writer whose type for the field can never be the stream's. */
export const unreadableWriter = (field: NamedField, written: string): Rejection =>
  wrongValue('wrong_type', field, written)

export const missingField = (field: NamedField): Rejection => wrongValue('missing_field', field, null)

export const nullNotAllowed = (field: NamedField): Rejection => wrongValue('null_not_allowed', field, 'null')

export const wrongValue = (code: RejectionCode, field: NamedField, found: string | null): Rejection => ({
  code,
  field: field.name,
  expected: typeName(field.type),
  found: found === null ? null : shorten(found),
})

export const fromFuture = (field: string, eventTimeMs: number, latestMs: number): Rejection => ({
  code: 'from_future',
  field,
  expected: `at most ${new Date(latestMs).toISOString()}`,
  found: new Date(eventTimeMs).toISOString(),
})

/** Encoding and size come before all other reasons. `record` may be the first part of a record of `lengthBytes`. */
export function envelopeFault(record: Uint8Array, lengthBytes: number, lengthBytesMax: number): Rejection | null {
  const whole = record.length === lengthBytes
  if (!isUtf8(whole ? record : withoutPartialCharacter(record))) return wrongEncoding()
  return lengthBytes > lengthBytesMax ? tooLarge(lengthBytes, lengthBytesMax) : null
}

/** UTF-8 that was cut anywhere, up to the last character that is certainly whole. */
function withoutPartialCharacter(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes.length - end < 3 && (bytes[end - 1]! & 0xc0) === 0x80) end--
  return bytes.subarray(0, end > 0 && bytes[end - 1]! >= 0xc0 ? end - 1 : bytes.length)
}
