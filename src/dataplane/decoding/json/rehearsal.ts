import type { FieldType } from '#language/schemas/field-types.ts'
import { READ_AHEAD_BYTES } from '../columns/column-builder.ts'
import { StringColumn } from '../columns/string-column.ts'
import type { PendingRecords } from '../pending-records.ts'
import type { RecordTemplate, TemplateMember } from './record-template.ts'
import type { DecodeRecords } from './template-decoder.ts'

/** The engine begins to remember what code meets after a few calls. */
const CALLS = 4
const TEXTS_AT_FIRST = ['"a"', '"b, of eight bytes or more"', '"a"', '"b, of eight bytes or more"']

/**
 * Values of a type that take every way through the generated code: few and many digits, what is left to the column, strings that
 * are new and strings that were seen. (Where the input has no backslash, none may occur here either.)
 */
function valuesOf(type: FieldType): readonly string[] {
  switch (type.kind) {
    case 'int':
      return ['7', '-12', '4321', '56789', '123456789', '5.0', '-1234567890']
    case 'long':
    case 'decimal':
    case 'float':
    case 'double':
      return numbers[type.kind]
    case 'boolean':
      return ['true', 'false']
    case 'timestamp':
      return ['1713070999999', '7', '"2024-04-13T12:00:00Z"', '-5']
    case 'date':
      return ['"2024-04-13"', '"2024-04-14"']
    case 'uuid':
      return ['"01234567-89ab-cdef-0123-456789abcdef"']
    case 'string':
      return TEXTS_AT_FIRST
  }
}

const numbers = {
  long: ['7', '-12', '4321', '17031841000', '123456789012345', '5.0', '1234567890123456789'],
  decimal: ['7', '-12', '43.21', '5.5', '1234567.25', '5.000', '0.00'],
  float: ['7', '-12.5', '1e3'],
  double: ['7', '-12', '41.849246755', '-87.624135298', '0.5', '12345.678', '1e3', '0.12345678901234567'],
} as const

/**
 * Runs a new decoder over made-up records in columns of their own. The engine compiles a function for what it has met: a way that
 * is first taken afterwards throws the machine code away, and to compile a function of this size again takes longer than decoding
 * 100,000 records. So it meets everything before.
 */
export function rehearse(decode: DecodeRecords, template: RecordTemplate, like: PendingRecords): void {
  const text = recordsText(template, like)
  const bytes = new Uint8Array(text.length + READ_AHEAD_BYTES)
  bytes.set(text)
  const view = new DataView(bytes.buffer)
  for (const strings of ['interned', 'text'] as const) {
    const pending = like.twin()
    for (const { column } of pending.fields)
      if (strings === 'text' && column instanceof StringColumn) column.giveUpDictionary(0)
    for (let call = 0; call < CALLS; call++) rehearseOnce(decode, bytes, view, text.length, pending)
  }
}

/** What the decoder is not sure of is skipped: the made-up values need not fit the type. */
function rehearseOnce(
  decode: DecodeRecords,
  bytes: Uint8Array,
  view: DataView,
  end: number,
  pending: PendingRecords,
): void {
  let start = 0
  while (start < end) {
    pending.nextRow()
    start = decode(bytes, view, start, end, 0, pending)
    if (start < end && pending.rows < pending.capacity) start = bytes.indexOf(10, start) + 1
  }
}

function recordsText({ members, after }: RecordTemplate, { fields }: PendingRecords): Uint8Array {
  const values = members.map(({ field }) => {
    const known = fields[field]
    if (known === undefined) return ['1']
    return known.nullable ? [...valuesOf(known.type), 'null'] : valuesOf(known.type)
  })
  const records = Math.max(...values.map(({ length }) => length))
  const parts: Uint8Array[] = []
  // One member of a record at a time has another value than its first, so that one the decoder is not sure of hides no other.
  for (let record = 0; record < records; record++) {
    for (let varied = -1; varied < members.length; varied++) {
      members.forEach(({ before }, place) => {
        const choice = varied < 0 || place === varied ? record % values[place]!.length : 0
        parts.push(before, Buffer.from(values[place]![choice]!))
      })
      parts.push(after)
    }
  }
  return Buffer.concat([...parts, ...withoutOptional(members, values, after)])
}

/** Records without one of the members that may be absent. */
function withoutOptional(
  members: readonly TemplateMember[],
  values: readonly (readonly string[])[],
  after: Uint8Array,
): readonly Uint8Array[] {
  return members.flatMap(({ optional }, absent) =>
    optional
      ? [
          ...members.flatMap(({ before }, place) =>
            place === absent ? [] : [before, Buffer.from(values[place]![0]!)],
          ),
          after,
        ]
      : [],
  )
}
