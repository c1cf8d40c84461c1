import { crc32 } from 'node:zlib'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { RawFormat } from '../../records/record-batch.ts'
import { logDamaged } from './log-damage.ts'

/** A format whose records mean nothing without the bytes beside it. */
type ContextFormat = Exclude<RawFormat, { readonly kind: 'json' }>

interface RawFormatRow {
  readonly kind: ContextFormat['kind']
  readonly crc: number
  readonly context: Uint8Array
}

/** What the rejected records of one segment were read with: header lines of CSV, schemas of Avro writers. Each is kept once. */
export class RawFormatTable {
  readonly #file: string
  readonly #find: Statement<{ readonly id: number }>
  readonly #insert: Statement<{ readonly id: number }>
  readonly #get: Statement<RawFormatRow>

  constructor(database: Database) {
    this.#file = database.path
    this.#find = database.prepare('SELECT id FROM raw_format WHERE kind = ? AND crc = ? AND context = ?')
    this.#insert = database.prepare('INSERT INTO raw_format (kind, crc, context) VALUES (?, ?, ?) RETURNING id')
    this.#get = database.prepare('SELECT kind, crc, context FROM raw_format WHERE id = ?')
  }

  /** The number of a format, which is written when the segment lacks it. Inside a transaction. */
  idOf(format: ContextFormat): number {
    const context = contextOf(format)
    const crc = checksum(format.kind, context)
    return (this.#find.get(format.kind, crc, context) ?? this.#insert.get(format.kind, crc, context))!.id
  }

  /** @throws MSB_LOG_DAMAGED */
  read(id: number, recordOffset: number): RawFormat {
    const row = this.#get.get(id)
    if (row === undefined || row.crc !== checksum(row.kind, row.context))
      throw logDamaged(
        this.#file,
        recordOffset,
        `the header or schema of the rejected record at offset ${recordOffset} does not match its checksum`,
      )
    return row.kind === 'csv' ? { kind: 'csv', header: row.context } : { kind: 'avro', schema: row.context }
  }
}

/** The bytes that a format has beside its kind. */
export const contextOf = (format: ContextFormat): Uint8Array => (format.kind === 'csv' ? format.header : format.schema)

const checksum = (kind: string, context: Uint8Array): number => crc32(context, crc32(kind))
