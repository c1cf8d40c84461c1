import { types } from 'cassandra-driver'
import { rescale } from '#language/schemas/decimal.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { parseIsoDate } from '#language/schemas/time-text.ts'
import { formatTimestamp, valueJson } from '#language/schemas/value-text.ts'
import type { ServedRow } from '../sink.ts'
import type { CassandraRow } from './cassandra-session.ts'
import type { ResultTable } from './result-table.ts'

/** A row of a table as the row of results that it was made from, to the last digit (semantics 6.1 to 6.3). */
export function servedRow(table: ResultTable, timeZone: string, row: CassandraRow): ServedRow {
  const { place, isWindowed, columns } = table
  const start = isWindowed ? (row[place.windowStart] as Date).getTime() : null
  const end = isWindowed ? (row[place.windowEnd] as Date).getTime() : null
  const members = columns.map(
    ({ name, type }) => `${JSON.stringify(name)}:${valueJson(storedValue(row[name], type), type, timeZone)}`,
  )
  if (start !== null && end !== null)
    members.unshift(
      `"window":{"start":"${formatTimestamp(start, timeZone)}","end":"${formatTimestamp(end, timeZone)}"}`,
    )
  return {
    key: row[place.key] as string,
    windowStart: start,
    windowEnd: end,
    row: `{${members.join(',')}}`,
    carriedOver: false,
  }
}

function storedValue(stored: unknown, type: FieldType): Value {
  if (stored === null || stored === undefined) return null
  switch (type.kind) {
    case 'decimal':
      return unscaledOf(stored as types.BigDecimal, type.scale)
    case 'timestamp':
      return (stored as Date).getTime()
    case 'date':
      return parseIsoDate(String(stored)) ?? null
    case 'uuid':
      return String(stored)
    default:
      return stored as Value
  }
}

/** The driver gives no digits of a decimal, but its bytes: scale, then the unscaled value, both big-endian. */
function unscaledOf(stored: types.BigDecimal, scale: number): bigint {
  const bytes = types.BigDecimal.toBuffer(stored)
  const digits = bytes.subarray(4)
  return rescale(BigInt.asIntN(8 * digits.length, BigInt(`0x${digits.toString('hex')}`)), bytes.readInt32BE(0), scale)
}
