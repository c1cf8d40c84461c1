import { zoneRules } from '#foundation/time/zone.ts'
import { READ_AHEAD_BYTES } from '../columns/column-builder.ts'
import { LocalClock } from '../columns/local-clock.ts'
import type { DecoderField } from '../decoder-field.ts'
import type { PendingRecords } from '../pending-records.ts'
import { endOfLongTail, isText } from './quick-bytes.ts'
import { RecordSource } from './record-source.ts'
import type { RecordResolution } from './resolve-record.ts'
import { endOfValue } from './skip-value.ts'
import { uuidBytesOf } from './uuid-bytes.ts'

/**
 * The first tier: reads records from `start` on into `pending`, until one needs care, `count` are read, or there is no room for
 * another row. Returns where it stopped. `end` follows the last byte of the block, `base` is the place of `bytes[0]` in the
 * whole input.
 */
export type RecordDecoder = (
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  base: number,
  count: number,
  pending: PendingRecords,
) => number

/** Generates the decoder of a writer's schema for the fields of a stream. Names appear in the code as numbers only. */
export function compileRecordDecoder(
  resolution: RecordResolution,
  fields: readonly DecoderField[],
  timeZone: string,
  recordBytesMax: number,
): RecordDecoder {
  const source = new RecordSource(resolution, fields)
  const code = source.write()
  const factory = new Function('columns', 'types', 'symbols', 'clock', 'recordBytesMax', 'calls', code)
  return factory(
    fields.map(({ column }) => column),
    source.types,
    source.symbols.map((names) => names.map(symbolBytes)),
    new LocalClock(zoneRules(timeZone)),
    recordBytesMax,
    { isText, uuidText: uuidBytesOf, endOfLongTail, endOfValue },
  ) as RecordDecoder
}

const UTF8 = new TextEncoder()

function symbolBytes(name: string): { readonly bytes: Uint8Array; readonly view: DataView; readonly length: number } {
  const text = UTF8.encode(name)
  const bytes = new Uint8Array(text.length + READ_AHEAD_BYTES)
  bytes.set(text)
  return { bytes, view: new DataView(bytes.buffer), length: text.length }
}
