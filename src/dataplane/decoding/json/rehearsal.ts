import type { FieldType } from '#language/schemas/field-types.ts'
import { READ_AHEAD_BYTES } from '../columns/column-builder.ts'
import { StringColumn } from '../columns/string-column.ts'
import type { DecodeRecords } from '../generated/decode-records.ts'
import type { PendingRecords } from '../pending-records.ts'
import type { RecordTemplate, TemplateMember } from './record-template.ts'

/** The engine begins to remember what code meets after a few calls. */
const CALLS = 3

/**
 * Values of a type that take every way through the generated code: few and many digits, strings that are new and strings that were
 * seen; and those at which a number leaves 32 bits: three bytes in the last word, which is the mark -2^31 (to negate it gives 2^31),
 * and a word that ends with a byte of 0x80 to 0xa0. (Where the input has no backslash, none may occur here either.)
 */
const usualValues: Readonly<Record<FieldType['kind'], readonly string[]>> = {
  int: ['7', '-12', '780', '4321', '56789', '123456789', '0'],
  long: ['7', '-12', '4321', '17031841000', '123456789012345', '0'],
  decimal: ['7', '-1', '4.5', '0.00', '9.5', '120', '0'],
  float: ['7', '-12.5'],
  double: ['7', '-12', '41.849246755', '-87.624135298', '0.5', '12345.678', '120.5'],
  boolean: ['true', 'false'],
  timestamp: ['1713070999999', '7', '780', '1713070999999'],
  date: ['"2024-04-13"', '"2024-04-14"'],
  uuid: ['"01234567-89ab-cdef-0123-456789abcdef"'],
  // Ends in each of the four words that are looked at together, and longer than they are.
  string: [
    '"a"',
    '"five5"',
    '"ten bytes."',
    '"fourteen bytes"',
    '"thirty bytes, thirty bytes ..."',
    '"a"',
    '"abc"',
    '"ÀÀÀÀÀÀÀÀÀÀÀÀ"',
    '""',
  ],
}

/** Values that are left to the column. */
const unusualValues: Readonly<Partial<Record<FieldType['kind'], string>>> = {
  int: '5.0',
  long: '5.0',
  decimal: '5.00000000000000000000000000000000000000000',
  double: '1e3',
  timestamp: '"2024-04-13T12:00:00Z"',
}

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
  const record = (textOf: (member: TemplateMember) => string | null): readonly Uint8Array[] => [
    ...members.flatMap((member) => {
      const value = textOf(member)
      return value === null ? [] : [member.before, Buffer.from(value)]
    }),
    after,
  ]
  const usual = (member: TemplateMember, choice: number): string => {
    const field = fields[member.field]
    if (field === undefined) return '1'
    const values = field.nullable ? [...usualValues[field.type.kind], 'null'] : usualValues[field.type.kind]
    return values[choice % values.length]!
  }
  const choices = Math.max(...Object.values(usualValues).map(({ length }) => length)) + 1
  return Buffer.concat([
    ...Array.from({ length: choices }, (_, choice) => record((member) => usual(member, choice))).flat(),
    ...record((member) => (member.optional ? null : usual(member, 0))),
    ...record((member) => {
      const field = fields[member.field]
      return (member.unusual && field !== undefined && unusualValues[field.type.kind]) || usual(member, 0)
    }),
  ])
}
