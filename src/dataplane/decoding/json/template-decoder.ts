import type { DecoderField } from '../decoder-field.ts'
import type { PendingRecords } from '../pending-records.ts'
import { NULL_WORD, skipValue } from './json-tokens.ts'
import type { RecordTemplate, TemplateMember } from './record-template.ts'

/**
 * The first tier: reads records that look exactly as the template predicts into `pending`, from `start` on. Returns where the
 * first other record begins, `end`, or where it stopped because there is no room for another row. `base` is the place of
 * `bytes[0]` in the whole input. Lines are valid UTF-8 and `end` follows a line feed.
 */
export type TemplateDecoder = (
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  base: number,
  pending: PendingRecords,
) => number

/**
 * Generates the decoder of a template: keys become comparisons of constants, four bytes each, and each field calls its own
 * column. Names appear in the code as numbers only.
 */
export function compileTemplate(
  template: RecordTemplate,
  fields: readonly DecoderField[],
  recordBytesMax: number,
): TemplateDecoder {
  const columns = fields.map(({ column }) => column)
  const factory = new Function('columns', 'skipValue', 'recordBytesMax', sourceOf(template, fields))
  return factory(columns, skipValue, recordBytesMax) as TemplateDecoder
}

function sourceOf({ members, after }: RecordTemplate, fields: readonly DecoderField[]): string {
  const lineEndBytes = after.at(-2) === 13 ? 2 : 1
  return `'use strict'
${fields.map((_, index) => `const column${index} = columns[${index}]`).join('\n')}
return function decode(bytes, view, start, end, base, pending) {
  const { capacity, positions, starts, lengths } = pending
  let { rows: row, received } = pending
  let record = start
  while (record < end && row < capacity) {
    let at = record
    ${members.map((member) => memberSource(member, fields)).join('\n    ')}
    if (!(${comparison(after)})) break
    at += ${after.length}
    const length = at - record - ${lineEndBytes}
    if (length > recordBytesMax) break
    positions[row] = received++
    starts[row] = base + record
    lengths[row] = length
    row++
    record = at
  }
  pending.rows = row
  pending.received = received
  return record
}`
}

function memberSource({ before, field, optional }: TemplateMember, fields: readonly DecoderField[]): string {
  const otherwise = optional ? `column${field}.setNull(row)` : 'break'
  return `if (${comparison(before)}) {
      at += ${before.length}
      ${valueSource(field, fields[field]?.nullable ?? false)}
    } else ${otherwise}`
}

function valueSource(field: number, nullable: boolean): string {
  if (field < 0) return 'if ((at = skipValue(bytes, view, at)) < 0) break'
  const read = `if ((at = column${field}.readJson(bytes, view, at, row)) < 0) break`
  if (!nullable) return read
  return `if (bytes[at] === 110) {
        if (view.getInt32(at, true) !== ${NULL_WORD}) break
        column${field}.setNull(row)
        at += 4
      } else ${read}`
}

/** Compares `literal` with the bytes at `at`. Reading stops at the first difference, so never far behind a line feed. */
function comparison(literal: Uint8Array): string {
  const view = new DataView(literal.buffer, literal.byteOffset, literal.length)
  const parts: string[] = []
  let offset = 0
  for (; offset + 4 <= literal.length; offset += 4) {
    parts.push(`view.getInt32(at + ${offset}, true) === ${view.getInt32(offset, true)}`)
  }
  for (; offset < literal.length; offset++) parts.push(`bytes[at + ${offset}] === ${literal[offset]}`)
  return parts.join(' && ')
}
