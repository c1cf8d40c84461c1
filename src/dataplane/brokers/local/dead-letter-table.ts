import { crc32 } from 'node:zlib'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { RawFormat, RejectedRecord, Rejection } from '../../records/record-batch.ts'
import type { DeadLetter, DeadLetterCount } from '../broker.ts'
import { CsvHeaderTable } from './csv-header-table.ts'
import { logDamaged } from './log-damage.ts'

interface DeadLetterRow {
  readonly record_offset: number
  readonly arrival_ms: number
  readonly code: Rejection['code']
  readonly field: string | null
  readonly expected: string | null
  readonly found: string | null
  readonly raw_length: number
  readonly csv_header: number | null
  readonly crc: number
  readonly raw: Uint8Array
}

interface CountRow {
  readonly code: Rejection['code']
  readonly field: string | null
  readonly expected: string | null
  readonly found: string | null
  readonly records: number
  readonly first_offset: number
}

/** Rejected records of one segment. */
export class DeadLetterTable {
  readonly #file: string
  readonly #partition: number
  readonly #csvHeaders: CsvHeaderTable
  readonly #insert: Statement
  readonly #list: Statement<DeadLetterRow>
  readonly #count: Statement<CountRow>

  constructor(database: Database, partition: number) {
    this.#file = database.path
    this.#partition = partition
    this.#csvHeaders = new CsvHeaderTable(database)
    this.#insert = database.prepare(
      'INSERT INTO dead_letter (record_offset, arrival_ms, code, field, expected, found, raw_length, csv_header, crc, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#list = database.prepare<DeadLetterRow>(
      'SELECT * FROM dead_letter WHERE record_offset >= ? ORDER BY record_offset LIMIT ?',
    )
    // With min() SQLite takes the other columns, here `found`, from the row that has the least value.
    this.#count = database.prepare<CountRow>(
      `SELECT code, field, expected, found, count(*) AS records, min(record_offset) AS first_offset
       FROM dead_letter GROUP BY code, field, expected ORDER BY first_offset`,
    )
  }

  /** The rejected records of a batch, inside a transaction. */
  insert(baseOffset: number, arrivalMs: number, rejected: readonly RejectedRecord[]): void {
    const headerIds = new Map<Uint8Array, number>()
    for (const { position, rejection, raw, rawLength, format } of rejected) {
      const { code, field, expected, found } = rejection
      const row = {
        record_offset: baseOffset + position,
        arrival_ms: arrivalMs,
        code,
        field,
        expected,
        found,
        raw_length: rawLength,
        csv_header: format.kind === 'csv' ? this.#headerId(format.header, headerIds) : null,
        raw,
      }
      this.#insert.run(
        row.record_offset,
        arrivalMs,
        code,
        field,
        expected,
        found,
        rawLength,
        row.csv_header,
        checksum(row),
        raw,
      )
    }
  }

  /** In offset order. @throws MSB_LOG_DAMAGED */
  list(fromOffset: number, limit: number): DeadLetter[] {
    const headers = new Map<number, Uint8Array>()
    return this.#list.all(fromOffset, Math.min(limit, Number.MAX_SAFE_INTEGER)).map((row) => {
      if (row.crc !== checksum(row))
        throw logDamaged(
          this.#file,
          row.record_offset,
          `the rejected record at offset ${row.record_offset} does not match its checksum`,
        )
      const { code, field, expected, found } = row
      return {
        partition: this.#partition,
        offset: row.record_offset,
        arrivalMs: row.arrival_ms,
        rejection: { code, field, expected, found },
        raw: row.raw,
        rawLength: row.raw_length,
        format: this.#formatOf(row, headers),
        replay: null,
      }
    })
  }

  #headerId(header: Uint8Array, known: Map<Uint8Array, number>): number {
    const id = known.get(header) ?? this.#csvHeaders.idOf(header)
    known.set(header, id)
    return id
  }

  #formatOf({ csv_header: id, record_offset }: DeadLetterRow, known: Map<number, Uint8Array>): RawFormat {
    if (id === null) return { kind: 'json' }
    const header = known.get(id) ?? this.#csvHeaders.read(id, record_offset)
    known.set(id, header)
    return { kind: 'csv', header }
  }

  /** By reason, the one that came first at the head. */
  counts(): DeadLetterCount[] {
    return this.#count.all().map(({ code, field, expected, found, records, first_offset }) => ({
      code,
      field,
      expected,
      count: records,
      example: { offset: first_offset, found },
    }))
  }
}

function checksum(row: Omit<DeadLetterRow, 'crc'>): number {
  const described = JSON.stringify([
    row.record_offset,
    row.arrival_ms,
    row.code,
    row.field,
    row.expected,
    row.found,
    row.raw_length,
    row.csv_header,
  ])
  return crc32(row.raw, crc32(described))
}
