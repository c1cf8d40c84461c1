import { type DecoderField, noValueFault } from '../decoder-field.ts'
import type { CarefulResult } from '../pending-records.ts'
import { wrongColumnCount, wrongValue } from '../rejections.ts'
import { readCsvValue } from '../values/read-csv-value.ts'
import type { Reading } from '../values/reading.ts'
import type { CsvHeader } from './csv-header.ts'

/** A row that was split well, by the rules one after the other. It alone words what is wrong with a row. */
export function readCsvCarefully(
  texts: readonly string[],
  { columnCount, columnOf, fault, form }: CsvHeader,
  fields: readonly DecoderField[],
  timeZone: string,
): CarefulResult {
  if (columnCount !== null && texts.length !== columnCount)
    return { rejection: wrongColumnCount(texts.length, columnCount) }
  if (fault !== null) return { rejection: fault }
  const readings: (Reading | null)[] = []
  for (const [index, field] of fields.entries()) {
    const text = texts[columnOf[index]!]
    if (text === undefined || text === '') {
      const rejection = noValueFault(field, text === undefined ? 'absent' : 'null')
      if (rejection !== null) return { rejection }
      readings.push(null)
      continue
    }
    const reading = readCsvValue(text, field.type, timeZone, form)
    if (reading.fault !== null) return { rejection: wrongValue(reading.fault, field, text) }
    readings.push(reading)
  }
  return { readings }
}
