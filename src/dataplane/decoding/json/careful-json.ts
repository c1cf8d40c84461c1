import { escapedUnit } from '../columns/string-bytes.ts'
import { type DecoderField, noValueFault } from '../decoder-field.ts'
import type { CarefulResult } from '../pending-records.ts'
import { malformed, notAnObject, renamedField, wrongEncoding, wrongValue } from '../rejections.ts'
import { readJsonValue } from '../values/read-json-value.ts'
import type { Reading } from '../values/reading.ts'
import { jsonMembers } from './json-members.ts'

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const BACKSLASH = 92

/**
 * The third tier: slow, and obviously what the rules say. The other tiers must agree with it, and it alone words what is wrong.
 * `record` is valid UTF-8.
 */
export function readJsonCarefully(
  record: Uint8Array,
  fields: readonly DecoderField[],
  timeZone: string,
): CarefulResult {
  if (hasLoneSurrogate(record)) return { rejection: wrongEncoding() }
  const text = UTF8.decode(record)
  try {
    JSON.parse(text)
  } catch {
    return { rejection: malformed(text, 'a JSON object') }
  }
  if (!text.trimStart().startsWith('{')) return { rejection: notAnObject(text) }
  const members = jsonMembers(text)
  const missing = fields.find(({ name }) => !members.has(name))
  const known = new Set(fields.map(({ name }) => name))
  const unknown = [...members.keys()].find((name) => !known.has(name))
  if (missing !== undefined && unknown !== undefined) return { rejection: renamedField(missing, unknown) }
  return readFields(members, fields, timeZone)
}

function readFields(members: Map<string, string>, fields: readonly DecoderField[], timeZone: string): CarefulResult {
  const readings: (Reading | null)[] = []
  for (const field of fields) {
    const source = members.get(field.name)
    if (source === undefined || source === 'null') {
      const rejection = noValueFault(field, source === undefined ? 'absent' : 'null')
      if (rejection !== null) return { rejection }
      readings.push(null)
      continue
    }
    const reading = readJsonValue(source, field.type, timeZone)
    if (reading.fault !== null) return { rejection: wrongValue(reading.fault, field, source) }
    readings.push(reading)
  }
  return { readings }
}

/** Whether an escape such as `\ud800` stands without its other half. Escapes are read from left to right, `\\u` is none. */
function hasLoneSurrogate(record: Uint8Array): boolean {
  for (let at = record.indexOf(BACKSLASH); at >= 0; at = record.indexOf(BACKSLASH, at)) {
    const unit = escapedUnit(record, at)
    const low = unit >= 0xd800 && unit <= 0xdbff ? escapedUnit(record, at + 6) : -1
    const paired = low >= 0xdc00 && low <= 0xdfff
    if (unit >= 0xd800 && unit <= 0xdfff && !paired) return true
    at += paired ? 12 : unit >= 0 ? 6 : 2
  }
  return false
}
