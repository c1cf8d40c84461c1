import type { CsvFormat } from '#language/schemas/csv-format.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { isNumberText, readNumber } from './read-number.ts'
import { readText, readTimestamp } from './read-text.ts'
import { accept, type Reading, refuse } from './reading.ts'

/** How a file writes its values; nothing set: as in JSON. */
export type CsvValueForm = Pick<CsvFormat, 'currency' | 'thousands' | 'timestampPattern'>

/** A CSV field that is not empty. */
export function readCsvValue(text: string, type: FieldType, timeZone: string, form: CsvValueForm): Reading {
  switch (type.kind) {
    case 'boolean': {
      const lower = text.toLowerCase()
      return lower === 'true' || lower === 'false' ? accept(lower === 'true') : refuse('wrong_type')
    }
    case 'timestamp':
      if (form.timestampPattern === undefined && isNumberText(text)) return readNumber(text, type)
      return readTimestamp(text, timeZone, form.timestampPattern)
    case 'string':
    case 'uuid':
    case 'date':
      return readText(text, type, timeZone)
    default:
      return readNumber(plainNumber(text, form), type)
  }
}

/** `$3,060.50` as `3060.50`. What is not written in the declared way stays as it is, and is then no number. */
function plainNumber(text: string, { currency, thousands }: CsvValueForm): string {
  const sign = text.startsWith('-') ? '-' : ''
  let rest = text.slice(sign.length)
  if (currency !== undefined && rest.startsWith(currency)) rest = rest.slice(currency.length)
  if (thousands !== undefined) rest = withoutThousands(rest, thousands)
  return sign + rest
}

/** Groups must be whole: a first one of 1 to 3 digits, others of 3. */
function withoutThousands(text: string, separator: string): string {
  const [whole = '', ...after] = text.split('.')
  const groups = whole.split(separator)
  const wellGrouped = /^-?\d{1,3}$/.test(groups[0] ?? '') && groups.slice(1).every((group) => /^\d{3}$/.test(group))
  return groups.length > 1 && wellGrouped ? [groups.join(''), ...after].join('.') : text
}
