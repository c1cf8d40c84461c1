import { DuckDBDateValue, type DuckDBValue } from '@duckdb/node-api'
import { zoneRules } from '#foundation/time/zone.ts'
import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'

/** Texts of rows (rules 6.1 to 6.3) and keys (6.4), written apart from the platform's own so that each checks the other. */

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** ISO 8601 with ms and the zone's offset at that instant; `Z` where the zone is UTC. */
export function timeText(epochMs: number, timeZone: string): string {
  if (timeZone === 'UTC') return new Date(epochMs).toISOString()
  const offsetMs = zoneRules(timeZone).offsetMsAt(epochMs)
  const minutes = Math.abs(Math.round(offsetMs / 60_000))
  const wallClock = new Date(epochMs + offsetMs).toISOString().replace('Z', '')
  return `${wallClock}${offsetMs < 0 ? '-' : '+'}${twoDigits(Math.trunc(minutes / 60))}:${twoDigits(minutes % 60)}`
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
  return unscaled < 0n ? `-${text}` : text
}

const dateText = (value: DuckDBValue): string =>
  new Date((value as DuckDBDateValue).days * 86_400_000).toISOString().slice(0, 10)
const plain = (value: DuckDBValue): string => String(value)
const quoted = (value: DuckDBValue): string => JSON.stringify(value)

type ToJson<K extends TypeKind> = (
  value: DuckDBValue,
  type: Extract<FieldType, { kind: K }>,
  timeZone: string,
) => string

const jsonTexts: { readonly [K in TypeKind]: ToJson<K> } = {
  string: quoted,
  uuid: quoted,
  int: plain,
  long: plain,
  float: plain,
  double: plain,
  boolean: plain,
  decimal: (value, { scale }) => decimalText(value as bigint, scale),
  timestamp: (value, _type, timeZone) => `"${timeText(Number(value), timeZone)}"`,
  date: (value) => `"${dateText(value)}"`,
}

export function jsonText(value: DuckDBValue, type: FieldType, timeZone: string): string {
  if (value === null) return 'null'
  const format = jsonTexts[type.kind] as ToJson<TypeKind>
  return format(value, type as never, timeZone)
}

/** One part of a result key (rule 6.4). */
export function keyText(value: DuckDBValue, type: FieldType): string {
  if (value === null) return '~'
  const text =
    type.kind === 'decimal'
      ? decimalText(value as bigint, type.scale)
      : value instanceof DuckDBDateValue
        ? dateText(value)
        : String(value)
  return text.replaceAll('%', '%25').replaceAll('|', '%7C').replaceAll('~', '%7E')
}
