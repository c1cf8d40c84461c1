import { crc32 } from 'node:zlib'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import { logDamaged } from './log-damage.ts'

interface CsvHeaderRow {
  readonly crc: number
  readonly header: Uint8Array
}

/** Header lines under which the rejected CSV rows of one segment were read; each is kept once. */
export class CsvHeaderTable {
  readonly #file: string
  readonly #find: Statement<{ readonly id: number }>
  readonly #insert: Statement<{ readonly id: number }>
  readonly #get: Statement<CsvHeaderRow>

  constructor(database: Database) {
    this.#file = database.path
    this.#find = database.prepare('SELECT id FROM csv_header WHERE crc = ? AND header = ?')
    this.#insert = database.prepare('INSERT INTO csv_header (crc, header) VALUES (?, ?) RETURNING id')
    this.#get = database.prepare('SELECT crc, header FROM csv_header WHERE id = ?')
  }

  /** The number of a header, which is written when the segment lacks it. Inside a transaction. */
  idOf(header: Uint8Array): number {
    const crc = crc32(header)
    return (this.#find.get(crc, header) ?? this.#insert.get(crc, header))!.id
  }

  /** @throws MSB_LOG_DAMAGED */
  read(id: number, recordOffset: number): Uint8Array {
    const row = this.#get.get(id)
    if (row === undefined || row.crc !== crc32(row.header))
      throw logDamaged(
        this.#file,
        recordOffset,
        `the CSV header of the rejected record at offset ${recordOffset} does not match its checksum`,
      )
    return row.header
  }
}
