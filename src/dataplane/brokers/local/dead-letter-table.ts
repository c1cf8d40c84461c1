import { crc32 } from 'node:zlib'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { RejectedRecord, Rejection } from '../../records/record-batch.ts'
import type { DeadLetter, DeadLetterCount } from '../broker.ts'
import { logDamaged } from './log-damage.ts'

interface DeadLetterRow {
  readonly record_offset: number
  readonly arrival_ms: number
  readonly code: Rejection['code']
  readonly field: string | null
  readonly expected: string | null
  readonly found: string | null
  readonly raw_length: number
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
  readonly #insert: Statement
  readonly #list: Statement<DeadLetterRow>
  readonly #count: Statement<CountRow>

  constructor(database: Database, partition: number) {
    this.#file = database.path
    this.#partition = partition
    this.#insert = database.prepare(
      'INSERT INTO dead_letter (record_offset, arrival_ms, code, field, expected, found, raw_length, crc, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
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

  insert(baseOffset: number, arrivalMs: number, rejected: RejectedRecord): void {
    const { code, field, expected, found } = rejected.rejection
    const row = {
      record_offset: baseOffset + rejected.position,
      arrival_ms: arrivalMs,
      code,
      field,
      expected,
      found,
      raw_length: rejected.rawLength,
      raw: rejected.raw,
    }
    this.#insert.run(row.record_offset, arrivalMs, code, field, expected, found, row.raw_length, checksum(row), row.raw)
  }

  /** In offset order. @throws MSB_LOG_DAMAGED */
  list(fromOffset: number, limit: number): DeadLetter[] {
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
      }
    })
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
  ])
  return crc32(row.raw, crc32(described))
}
