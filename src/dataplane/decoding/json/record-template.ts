import type { DecoderField } from '../decoder-field.ts'
import { isUsual } from '../generated/usual-form.ts'
import { skipSpace, skipString, skipValue } from './json-tokens.ts'

const QUOTE = 34
const COMMA = 44
const CLOSE_BRACE = 125
const KEYS_BYTES_MAX = 16 * 1024
const UTF8 = new TextEncoder()

/** The bytes before a value: the end of what was before, the key, the colon. */
export interface TemplateMember {
  readonly before: Uint8Array
  /** Index of the field; -1 for a key the schema does not have. */
  readonly field: number
  /** Whether the record counts without this member; then its value is null. */
  readonly optional: boolean
  /** Whether the record that was learnt from had it. */
  readonly present: boolean
  /** Whether the value was not in the form that generated code reads by itself. */
  readonly unusual: boolean
}

/** The form that a producer gives all its records: key order, white space, line end. */
export interface RecordTemplate {
  readonly members: readonly TemplateMember[]
  /** The bytes after the last value, with the line end. */
  readonly after: Uint8Array
}

interface SeenMember {
  readonly before: Uint8Array
  readonly name: string
  readonly value: string
}

/** Learns the form of a record that was accepted, from its line with the line end. Undefined when there is nothing to learn. */
export function learnTemplate(
  line: Uint8Array,
  view: DataView,
  fields: readonly DecoderField[],
): RecordTemplate | undefined {
  const seen: SeenMember[] = []
  let position = skipSpace(line, 0) + 1
  let gapStart = 0
  do {
    const keyStart = skipSpace(line, position)
    const keyEnd = line[keyStart] === QUOTE ? skipString(line, view, keyStart + 1) : -1
    if (keyEnd < 0) return undefined
    const valueStart = skipSpace(line, skipSpace(line, keyEnd) + 1)
    const key = Buffer.from(line.subarray(keyStart, keyEnd)).toString()
    const before = line.slice(gapStart, valueStart)
    gapStart = skipValue(line, view, valueStart)
    if (gapStart < 0) return undefined
    const value = Buffer.from(line.subarray(valueStart, gapStart)).toString()
    seen.push({ before, name: JSON.parse(key) as string, value })
    position = skipSpace(line, gapStart) + 1
  } while (line[position - 1] === COMMA)
  if (line[position - 1] !== CLOSE_BRACE || gapStart > line.length) return undefined
  return templateOf(seen, line.slice(gapStart), fields)
}

function templateOf(
  seen: readonly SeenMember[],
  after: Uint8Array,
  fields: readonly DecoderField[],
): RecordTemplate | undefined {
  const names = seen.map(({ name }) => name)
  const keysBytes = seen.reduce((sum, { before }) => sum + before.length, after.length)
  if (new Set(names).size !== names.length || keysBytes > KEYS_BYTES_MAX) return undefined
  const indexOf = new Map(fields.map(({ name }, index) => [name, index]))
  const onlyKnown = names.every((name) => indexOf.has(name))
  const members = seen.map(({ before, name, value }, place): TemplateMember => {
    const field = indexOf.get(name) ?? -1
    const optional = onlyKnown && place > 0 && fields[field]!.nullable
    return { before, field, optional, present: true, unusual: field >= 0 && !isUsual(fields[field]!.type, value) }
  })
  return { members: onlyKnown && seen.length > 1 ? withAbsent(members, seen[1]!, fields) : members, after }
}

/** Producers that leave nulls out never show all keys at once: keys that were absent are guessed after their neighbours. */
function withAbsent(
  members: readonly TemplateMember[],
  sample: SeenMember,
  fields: readonly DecoderField[],
): readonly TemplateMember[] {
  const all = [...members]
  fields.forEach(({ name, nullable }, field) => {
    if (!nullable || members.some((member) => member.field === field)) return
    const before = all.findLastIndex((member) => member.field === field - 1)
    if (before >= 0)
      all.splice(before + 1, 0, {
        before: renamed(sample, name),
        field,
        optional: true,
        present: false,
        unusual: false,
      })
  })
  return all
}

/** The same white space around another key. */
function renamed({ before }: SeenMember, name: string): Uint8Array {
  const from = before.indexOf(QUOTE)
  const to = before.lastIndexOf(QUOTE)
  return Buffer.concat([before.subarray(0, from + 1), UTF8.encode(name), before.subarray(to)])
}
