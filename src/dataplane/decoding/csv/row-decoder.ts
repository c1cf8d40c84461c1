import { isNumeric } from '#language/schemas/field-types.ts'
import type { DecoderField } from '../decoder-field.ts'
import type { DecodeRecords } from '../generated/decode-records.ts'
import { type FieldSource, fieldSource } from '../generated/field-source.ts'
import { numberLocals, POWERS_OF_TEN } from '../generated/number-source.ts'
import type { CsvValueForm } from '../values/read-csv-value.ts'
import type { CsvHeader } from './csv-header.ts'
import { afterFields, endOfField } from './field-ends.ts'

const UNSURE = 'break record'
const UTF8 = new TextEncoder()

/**
 * Generates the decoder of a header: column after column, each with the fields it feeds. Names and signs enter the code as
 * numbers only. Null where no row of this header can be right.
 */
export function compileRowDecoder(
  { columnCount, columnOf, fault, form }: CsvHeader,
  fields: readonly DecoderField[],
  recordBytesMax: number,
): DecodeRecords | null {
  const absent = fields.flatMap((_, index) => (columnOf[index]! < 0 ? [index] : []))
  if (columnCount === null || fault !== null || absent.some((index) => !fields[index]!.nullable)) return null
  // Numbers are written as in JSON.
  const numbers = new Map(
    fields.flatMap(({ column, type }, index) =>
      isNumeric(type) ? [[index, fieldSource(column, index, { escapes: false, unusual: true })] as const] : [],
    ),
  )
  const code = columnsSource({ columnCount, columnOf, form, fields, numbers })
  const factory = new Function(
    ...['columns', 'endOfField', 'afterFields', 'recordBytesMax', 'powersOfTen'],
    sourceOf(code, absent, fields.length, [...numbers.values()]),
  )
  return factory(
    fields.map(({ column }) => column),
    endOfField,
    afterFields,
    recordBytesMax,
    POWERS_OF_TEN,
  ) as DecodeRecords
}

/** What the code of a row follows from. */
interface RowShape {
  readonly columnCount: number
  readonly columnOf: readonly number[]
  readonly form: CsvValueForm
  readonly fields: readonly DecoderField[]
  /** Code of the fields that are numbers. */
  readonly numbers: ReadonlyMap<number, FieldSource>
}

/** Columns that feed no field are passed together, but for the last one, whose end is that of the row. */
function columnsSource(shape: RowShape): readonly string[] {
  const { columnCount, columnOf, fields } = shape
  const code: string[] = []
  let passed = 0
  for (let place = 0; place < columnCount; place++) {
    const isLast = place === columnCount - 1
    const fed = fields.flatMap((_field, index) => (columnOf[index] === place ? [index] : []))
    if (fed.length === 0 && !isLast) {
      passed++
      continue
    }
    if (passed > 0) code.push(`if ((at = afterFields(bytes, view, at, ${passed})) < 0) ${UNSURE}`)
    passed = 0
    code.push(columnSource(fed, shape, isLast))
  }
  return code
}

const sourceOf = (
  columns: readonly string[],
  absent: readonly number[],
  fieldCount: number,
  numbers: readonly FieldSource[],
): string => `'use strict'
${Array.from({ length: fieldCount }, (_, index) => `const column${index} = columns[${index}]`).join('\n')}
${numbers.map(({ variables }) => (variables === '' ? '' : `let ${variables}`)).join('\n')}
return function decode(bytes, view, start, end, base, pending) {
  ${numbers.map(({ before }) => before).join('\n  ')}
  const { capacity, positions, starts, lengths } = pending
  let { rows: row, received } = pending
  let at = start, valueStart = start
  ${numberLocals}
  record: while (start < end && row < capacity) {
    at = start
    if (bytes[at] === 10 || bytes[at] === 13) break
    ${columns.join('\n    ')}
    ${absent.map((index) => `column${index}.setNull(row)`).join('\n    ')}
    const length = at - start
    if (length > recordBytesMax) break
    positions[row] = received++
    starts[row] = base + start
    lengths[row] = length
    row++
    start = at + (bytes[at] === 13 ? 2 : 1)
  }
  ${numbers.map(({ after }) => after).join('\n  ')}
  pending.rows = row
  pending.received = received
  return start
}`

/** Code that reads a column at `at` and leaves `at` behind its comma; behind the last column, at the line end. */
function columnSource(fed: readonly number[], { fields, form, numbers }: RowShape, isLast: boolean): string {
  const number = fed.length === 1 ? numbers.get(fed[0]!) : undefined
  // A number finds its end by itself.
  if (number !== undefined) return numberColumnSource(number, fields[fed[0]!]!, form, isLast)
  const reads = fed.map((index) => textSource(index, fields[index]!, form))
  return `{
      let stop = endOfField(view, at)
      ${isLast ? LAST_TEXT_END : `if (bytes[stop] !== 44) ${UNSURE}`}
      ${reads.join('\n      ')}
      at = stop${isLast ? '' : ' + 1'}
    }`
}

/** A carriage return belongs to the line end, unless it is all there is of the field. */
const LAST_TEXT_END = `if (bytes[stop] !== 10) ${UNSURE}
      if (stop > at && bytes[stop - 1] === 13) stop--`

const LAST_NUMBER_END = `if (bytes[at] !== 10 && (bytes[at] !== 13 || bytes[at + 1] !== 10)) ${UNSURE}`

const nullSource = ({ nullable }: DecoderField, setNull: string): string => (nullable ? `{ ${setNull} }` : UNSURE)

function numberColumnSource(
  { setNull, read }: FieldSource,
  field: DecoderField,
  form: CsvValueForm,
  isLast: boolean,
): string {
  const isEmpty = isLast ? 'bytes[at] === 10 || bytes[at] === 13' : 'bytes[at] === 44'
  return `if (${isEmpty}) ${nullSource(field, setNull)}
    else {
      ${skipSign(form)}
      valueStart = at
      ${read}
    }
    ${isLast ? LAST_NUMBER_END : `if (bytes[at++] !== 44) ${UNSURE}`}`
}

/** An amount may have its sign in front, or not. */
function skipSign({ currency }: CsvValueForm): string {
  const sign = UTF8.encode(currency ?? '')
  if (sign.length === 0) return ''
  const present = Array.from(sign, (byte, offset) => `bytes[at + ${offset}] === ${byte}`).join(' && ')
  return `if (${present}) at += ${sign.length}`
}

function textSource(index: number, field: DecoderField, form: CsvValueForm): string {
  const isNumber = isNumeric(field.type)
  const from = isNumber && form.currency !== undefined ? 'from' : 'at'
  const isPortalTime = field.type.kind === 'timestamp' && form.timestampPattern !== undefined
  const read = isPortalTime
    ? `column${index}.readPortalCsv(bytes, at, stop, row)`
    : `column${index}.readCsv(bytes, view, ${from}, stop, row)`
  const signed = from === 'at' ? `if (!${read}) ${UNSURE}` : signedSource(form, read)
  return `if (stop === at) ${nullSource(field, `column${index}.setNull(row)`)}
      else ${signed}`
}

const signedSource = (form: CsvValueForm, read: string): string => `{
        const field = at
        ${skipSign(form)}
        const from = at
        at = field
        if (from >= stop || !${read}) ${UNSURE}
      }`
