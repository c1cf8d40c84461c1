import { crc32 } from 'node:zlib'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { RawFormat, RejectedRecord, Rejection } from '../../records/record-batch.ts'
import type { DeadLetter, DeadLetterCount } from '../broker.ts'
import { logDamaged } from './log-damage.ts'
import { contextOf, RawFormatTable } from './raw-format-table.ts'

interface DeadLetterRow {
  readonly record_offset: number
  readonly arrival_ms: number
  readonly code: Rejection['code']
  readonly field: string | null
  readonly expected: string | null
  readonly found: string | null
  readonly raw_length: number
  readonly raw_format: number | null
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
  readonly #formats: RawFormatTable
  readonly #insert: Statement
  readonly #list: Statement<DeadLetterRow>
  readonly #count: Statement<CountRow>

  constructor(database: Database, partition: number) {
    this.#file = database.path
    this.#partition = partition
    this.#formats = new RawFormatTable(database)
    this.#insert = database.prepare(
      'INSERT INTO dead_letter (record_offset, arrival_ms, code, field, expected, found, raw_length, raw_format, crc, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
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
    const formatIds = new Map<Uint8Array, number>()
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
        raw_format: this.#formatId(format, formatIds),
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
        row.raw_format,
        checksum(row),
        raw,
      )
    }
  }

  /** In offset order. @throws MSB_LOG_DAMAGED */
  list(fromOffset: number, limit: number): DeadLetter[] {
    const formats = new Map<number, RawFormat>()
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
        format: this.#formatOf(row, formats),
        replay: null,
      }
    })
  }

  #formatId(format: RawFormat, known: Map<Uint8Array, number>): number | null {
    if (format.kind === 'json') return null
    const context = contextOf(format)
    const id = known.get(context) ?? this.#formats.idOf(format)
    known.set(context, id)
    return id
  }

  #formatOf({ raw_format: id, record_offset }: DeadLetterRow, known: Map<number, RawFormat>): RawFormat {
    if (id === null) return { kind: 'json' }
    const format = known.get(id) ?? this.#formats.read(id, record_offset)
    known.set(id, format)
    return format
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
    row.raw_format,
  ])
  return crc32(row.raw, crc32(described))
}
