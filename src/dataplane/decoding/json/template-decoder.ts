import type { DecoderField } from '../decoder-field.ts'
import type { DecodeRecords } from '../generated/decode-records.ts'
import { type FieldSource, fieldSource } from '../generated/field-source.ts'
import { literalComparison } from '../generated/literal-comparison.ts'
import { numberLocals, POWERS_OF_TEN } from '../generated/number-source.ts'
import { stringLocals } from '../generated/string-source.ts'
import type { PendingRecords } from '../pending-records.ts'
import { NULL_WORD, skipValue } from './json-tokens.ts'
import type { RecordTemplate, TemplateMember } from './record-template.ts'
import { rehearse } from './rehearsal.ts'

/**
 * Members that one function reads. The engine takes more than its share of time and memory for large functions, and a call for so many members
 * costs little.
 */
const MEMBERS_IN_GROUP = 8

/** The first tier: the decoder of one form of record, which reads those that look exactly so. Its code for input without any backslash is shorter; each is generated when it is needed. */
export class TemplateDecoder {
  readonly #template: RecordTemplate
  readonly #pending: PendingRecords
  readonly #recordBytesMax: number
  readonly #compiled: { plain?: DecodeRecords; escaped?: DecodeRecords } = {}

  /** @param pending like those that will be decoded to */
  constructor(template: RecordTemplate, pending: PendingRecords, recordBytesMax: number) {
    this.#template = template
    this.#pending = pending
    this.#recordBytesMax = recordBytesMax
  }

  /** @param escapes whether the input may have backslashes */
  decode(escapes: boolean): DecodeRecords {
    return (this.#compiled[escapes ? 'escaped' : 'plain'] ??= this.#compile(escapes))
  }

  #compile(escapes: boolean): DecodeRecords {
    const source = sourceOf(this.#template, this.#pending, escapes)
    const factory = new Function('skipValue', 'recordBytesMax', 'powersOfTen', source)
    const decode = factory(skipValue, this.#recordBytesMax, POWERS_OF_TEN) as DecodeRecords
    rehearse(decode, this.#template, this.#pending)
    return decode
  }
}

function sourceOf(
  { members, after }: RecordTemplate,
  { fields, keepsBytes }: PendingRecords,
  escapes: boolean,
): string {
  const lineEndBytes = after.at(-2) === 13 ? 2 : 1
  const unusual = new Set(members.flatMap((member) => (member.unusual ? [member.field] : [])))
  const sources = fields.map(({ column }, field) =>
    fieldSource(column, field, { escapes, unusual: unusual.has(field) }),
  )
  const groups = Array.from({ length: Math.ceil(members.length / MEMBERS_IN_GROUP) }, (_, group) =>
    members.slice(group * MEMBERS_IN_GROUP, (group + 1) * MEMBERS_IN_GROUP),
  )
  const variables = [...fields.map((_, field) => `column${field}`), ...sources.map((source) => source.variables)]
  return `'use strict'
let ${variables.filter((names) => names !== '').join(', ')}
${groups.map((group, index) => groupSource(index, group, fields, sources)).join('\n')}
return function decode(bytes, view, start, end, base, pending) {
  ${fields.map((_, field) => `column${field} = pending.fields[${field}].column`).join('\n  ')}
  ${sources.map(({ before }) => before).join('\n  ')}
  const { capacity, positions, starts, lengths } = pending
  let { rows: row, received } = pending
  let at = start
  while (start < end && row < capacity) {
    at = start
    ${groups.map((_, index) => `if ((at = read${index}(bytes, view, at, row)) < 0) break`).join('\n    ')}
    if (!(${literalComparison(after)})) break
    at += ${after.length}
    const length = at - start - ${lineEndBytes}
    if (length > recordBytesMax) break
    positions[row] = received++
    ${keepsBytes ? 'starts[row] = base + start\n    lengths[row] = length' : ''}
    row++
    start = at
  }
  ${sources.map(({ after: end }) => end).join('\n  ')}
  pending.rows = row
  pending.received = received
  return start
}`
}

/** A function that reads some members of a record, from `at` on; it answers the position after them, or -1. */
function groupSource(
  index: number,
  members: readonly TemplateMember[],
  fields: readonly DecoderField[],
  sources: readonly FieldSource[],
): string {
  return `function read${index}(bytes, view, at, row) {
  let valueStart = at
  ${numberLocals}
  ${stringLocals}
  record: {
    ${members.map((member) => memberSource(member, fields, sources)).join('\n    ')}
    return at
  }
  return -1
}`
}

function memberSource(
  { before, field, optional }: TemplateMember,
  fields: readonly DecoderField[],
  sources: readonly FieldSource[],
): string {
  const otherwise = optional ? `{ ${sources[field]!.setNull} }` : 'break record'
  return `if (${literalComparison(before)}) {
      at += ${before.length}
      ${valueSource(sources[field], fields[field]?.nullable ?? false)}
    } else ${otherwise}`
}

/** @param source undefined for a key the schema does not have */
function valueSource(source: FieldSource | undefined, nullable: boolean): string {
  if (source === undefined) return 'if ((at = skipValue(bytes, view, at)) < 0) break record'
  const read = `valueStart = at
      ${source.read}`
  if (!nullable) return read
  return `if (bytes[at] === 110) {
        if (view.getInt32(at, true) !== ${NULL_WORD}) break record
        ${source.setNull}
        at += 4
      } else { ${read} }`
}
