import { isNumeric } from '#language/schemas/field-types.ts'
import type { DecoderField } from '../decoder-field.ts'
import type { PendingRecords } from '../pending-records.ts'
import type { CsvValueForm } from '../values/read-csv-value.ts'
import type { CsvHeader } from './csv-header.ts'
import { afterFields, endOfField } from './field-ends.ts'

/**
 * The first tier: reads rows without quotes, from `start` on, into `pending`. Returns where the first row begins that needs
 * another tier, `end`, or where it stopped because there is no room for another row. `base` is the place of `bytes[0]` in the
 * whole input. The bytes are valid UTF-8 and `end` follows a line feed.
 */
export type RowDecoder = (
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  base: number,
  pending: PendingRecords,
) => number

const UNSURE = 'break rows'
const UTF8 = new TextEncoder()

/**
 * Generates the decoder of a header: column after column, each with the fields it feeds. Names and signs enter the code as
 * numbers only. Null where no row of this header can be right.
 */
export function compileRowDecoder(
  { columnCount, columnOf, fault, form }: CsvHeader,
  fields: readonly DecoderField[],
  recordBytesMax: number,
): RowDecoder | null {
  const absent = fields.flatMap((_, index) => (columnOf[index]! < 0 ? [index] : []))
  if (columnCount === null || fault !== null || absent.some((index) => !fields[index]!.nullable)) return null
  const code = columnsSource(columnCount, columnOf, fields, form)
  const factory = new Function(
    ...['columns', 'endOfField', 'afterFields', 'recordBytesMax'],
    sourceOf(code, absent, fields.length),
  )
  return factory(
    fields.map(({ column }) => column),
    endOfField,
    afterFields,
    recordBytesMax,
  ) as RowDecoder
}

/** Columns that feed no field are passed together, but for the last one, whose end is that of the row. */
function columnsSource(
  columnCount: number,
  columnOf: readonly number[],
  fields: readonly DecoderField[],
  form: CsvValueForm,
): readonly string[] {
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
    code.push(columnSource(fed, fields, form, isLast))
  }
  return code
}

const sourceOf = (columns: readonly string[], absent: readonly number[], fieldCount: number): string => `'use strict'
${Array.from({ length: fieldCount }, (_, index) => `const column${index} = columns[${index}]`).join('\n')}
return function decode(bytes, view, start, end, base, pending) {
  const { capacity, positions, starts, lengths } = pending
  let { rows: row, received } = pending
  let record = start
  rows: while (record < end && row < capacity) {
    let at = record
    if (bytes[at] === 10 || bytes[at] === 13) break
    ${columns.join('\n    ')}
    ${absent.map((index) => `column${index}.setNull(row)`).join('\n    ')}
    const length = at - record
    if (length > recordBytesMax) break
    positions[row] = received++
    starts[row] = base + record
    lengths[row] = length
    row++
    record = at + (bytes[at] === 13 ? 2 : 1)
  }
  pending.rows = row
  pending.received = received
  return record
}`

/** Code that reads a column at `at` and leaves `at` behind its comma; behind the last column, at the line end. */
function columnSource(
  fed: readonly number[],
  fields: readonly DecoderField[],
  form: CsvValueForm,
  isLast: boolean,
): string {
  const [only] = fed
  // A number finds its end by itself.
  if (fed.length === 1 && isNumeric(fields[only!]!.type)) return numberSource(only!, fields[only!]!, form, isLast)
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

const nullSource = (index: number, { nullable }: DecoderField): string =>
  nullable ? `column${index}.setNull(row)` : UNSURE

function numberSource(index: number, field: DecoderField, form: CsvValueForm, isLast: boolean): string {
  const isEmpty = isLast ? 'bytes[at] === 10 || bytes[at] === 13' : 'bytes[at] === 44'
  return `if (${isEmpty}) ${nullSource(index, field)}
    else {
      ${skipSign(form)}
      if ((at = column${index}.readJson(bytes, view, at, row)) < 0) ${UNSURE}
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
  return `if (stop === at) ${nullSource(index, field)}
      else ${signed}`
}

const signedSource = (form: CsvValueForm, read: string): string => `{
        const field = at
        ${skipSign(form)}
        const from = at
        at = field
        if (from >= stop || !${read}) ${UNSURE}
      }`
