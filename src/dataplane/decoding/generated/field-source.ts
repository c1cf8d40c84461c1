import type { ColumnBuilder } from '../columns/column-builder.ts'
import { DoubleColumn } from '../columns/double-column.ts'
import { ExactColumn } from '../columns/exact-column.ts'
import { IntColumn } from '../columns/int-column.ts'
import { StringColumn } from '../columns/string-column.ts'
import { TimestampColumn } from '../columns/timestamp-column.ts'
import { UnkeptColumn } from '../columns/unkept-column.ts'
import { UuidColumn } from '../columns/uuid-column.ts'
import { doubleSource, epochSource, exactSource, intSource } from './number-source.ts'
import { guessSource, skipSource, textSource } from './string-source.ts'

/**
 * The parts of a generated decoder that belong to one field. They know: `column<field>`, `bytes`, `view`, `row`, `at`, the
 * first byte of the value, which they move behind it; `powersOfTen`; the locals of numbers and strings; `break record` leaves the record.
 */
export interface FieldSource {
  /** Variables that live from the first record to the last, as in a declaration. */
  readonly variables: string
  /** Before the first record; `start` and `end` enclose the input. */
  readonly before: string
  readonly setNull: string
  readonly read: string
  /** After the last record. */
  readonly after: string
}

export interface SourceOptions {
  /** Whether the input may have backslashes. */
  readonly escapes: boolean
  /**
   * Whether the column is asked about a value that is not in the usual form; otherwise the record is left. The call is
   * worth it only where such values occur: each costs all other fields some registers.
   */
  readonly unusual: boolean
}

export function fieldSource(column: ColumnBuilder, field: number, { escapes, unusual }: SourceOptions): FieldSource {
  if (column instanceof StringColumn && !(column instanceof UuidColumn))
    return stringColumnSource(field, escapes, unusual)
  const checked = column instanceof UnkeptColumn ? column.checked : column
  const kept = checked === column
  const value = checked === null ? skipSource(escapes) : numberSource(checked, kept)
  if (value === null)
    return {
      variables: '',
      before: '',
      setNull: kept ? `column${field}.setNull(row)` : '',
      read: called(field),
      after: '',
    }
  const otherwise = unusual ? called(field) : 'break record'
  if (!kept) return { variables: '', before: '', setNull: '', read: orElse(value, otherwise), after: '' }
  return {
    variables: `values${field}, nulls${field}, anyNull${field}`,
    before: `values${field} = column${field}.values
  nulls${field} = column${field}.nulls
  anyNull${field} = false`,
    setNull: `values${field}[row] = 0
        nulls${field}[row] = 1
        anyNull${field} = true`,
    read: orElse(`${value}\n      values${field}[row] = number`, otherwise),
    after: `if (anyNull${field}) column${field}.mayHaveNulls = true`,
  }
}

/** Reads numbers without a call; null for what is left to the column. @param wanted whether the value is needed */
function numberSource(column: ColumnBuilder, wanted: boolean): string | null {
  if (column instanceof IntColumn) return intSource(wanted)
  if (column instanceof ExactColumn) return exactSource(column.scale, column.quickWholeDigits, wanted)
  if (column instanceof TimestampColumn) return epochSource(wanted)
  return column instanceof DoubleColumn && !column.single ? doubleSource(wanted) : null
}

const called = (field: number): string =>
  `if ((at = column${field}.readJson(bytes, view, valueStart, row)) < 0) break record`

/** Does the one thing, or the other where that is unsure. */
const orElse = (usual: string, otherwise: string): string => `done: {
        unsure: {
          ${usual}
          break done
        }
        ${otherwise}
      }`

const dictionaryVariables = ['guesses', 'mask', 'place', 'starts', 'entries', 'entryView']

/** A column has a dictionary or it does not: that may change between two calls of the decoder, never within one. */
function stringColumnSource(field: number, escapes: boolean, unusual: boolean): FieldSource {
  const openDictionary = `guesses${field} = column${field}.interner.guess.codes
    mask${field} = column${field}.interner.guess.mask
    place${field} = column${field}.interner.guess.place
    starts${field} = column${field}.interner.starts
    entries${field} = column${field}.interner.bytes
    entryView${field} = column${field}.interner.view`
  const unguessed = `if ((at = column${field}.readUnguessed(bytes, view, valueStart, row)) < 0) break record`
  return {
    variables: ['codes', 'offsets', 'nulls', 'textView', 'interned', 'anyNull', ...dictionaryVariables]
      .map((name) => `${name}${field}`)
      .join(', '),
    before: `codes${field} = column${field}.codes
  offsets${field} = column${field}.offsets
  nulls${field} = column${field}.nulls
  anyNull${field} = false
  interned${field} = column${field}.interner !== null
  if (interned${field}) {
    ${openDictionary}
  } else column${field}.reserveText(pending.rows, end - start + 64)
  textView${field} = column${field}.view`,
    setNull: `if (interned${field}) codes${field}[row] = -1
        else {
          nulls${field}[row] = 1
          offsets${field}[row + 1] = offsets${field}[row]
          anyNull${field} = true
        }`,
    read: `if (interned${field}) {
        ${orElse(guessSource(field), `${unguessed}\n        ${openDictionary}`)}
      } else {
        ${orElse(textSource(field, escapes), unusual ? called(field) : 'break record')}
      }`,
    after: `if (anyNull${field}) column${field}.mayHaveNulls = true`,
  }
}
