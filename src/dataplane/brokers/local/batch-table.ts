import { crc32 } from 'node:zlib'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import { logDamaged } from './log-damage.ts'

/** The row of a batch without its body. */
export interface BatchHeader {
  readonly base_offset: number
  readonly received: number
  readonly accepted: number
  readonly arrival_ms: number
  readonly max_event_time_before: number
  readonly min_event_time: number
  readonly max_event_time: number
  readonly schema_version: number
  readonly producer_id: string | null
  readonly producer_epoch: number | null
  readonly base_sequence: number | null
}

export interface StoredBatch extends BatchHeader {
  readonly body: Uint8Array
}

interface BatchRow extends StoredBatch {
  readonly crc: number
}

const HEADER = `base_offset, received, accepted, arrival_ms, max_event_time_before, min_event_time, max_event_time,
  schema_version, producer_id, producer_epoch, base_sequence`

/** Batches of one segment, by the offset they begin at. */
export class BatchTable {
  readonly #file: string
  readonly #insert: Statement
  readonly #get: Statement<BatchRow>
  readonly #upTo: Statement<BatchHeader>
  readonly #maxEventTime: Statement<{ readonly max: number | null }>
  readonly #arrivals: Statement<{ first: number | null; newest: number | null }>

  constructor(database: Database) {
    this.#file = database.path
    this.#insert = database.prepare(
      `INSERT INTO batch (${HEADER}, crc, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#get = database.prepare<BatchRow>(`SELECT ${HEADER}, crc, body FROM batch WHERE base_offset = ?`)
    this.#upTo = database.prepare<BatchHeader>(
      `SELECT ${HEADER} FROM batch WHERE base_offset <= ? ORDER BY base_offset DESC LIMIT 1`,
    )
    this.#maxEventTime = database.prepare('SELECT max(max_event_time) AS max FROM batch')
    this.#arrivals = database.prepare(
      `SELECT max(arrival_ms) AS newest, (SELECT arrival_ms FROM batch ORDER BY base_offset LIMIT 1) AS first FROM batch`,
    )
  }

  insert(batch: StoredBatch): void {
    this.#insert.run(
      batch.base_offset,
      batch.received,
      batch.accepted,
      batch.arrival_ms,
      batch.max_event_time_before,
      batch.min_event_time,
      batch.max_event_time,
      batch.schema_version,
      batch.producer_id,
      batch.producer_epoch,
      batch.base_sequence,
      checksum(batch),
      batch.body,
    )
  }

  /** The batch that begins at this offset. @throws MSB_LOG_DAMAGED when its checksum does not fit */
  get(baseOffset: number): StoredBatch | undefined {
    const row = this.#get.get(baseOffset)
    if (row !== undefined && row.crc !== checksum(row)) {
      throw logDamaged(this.#file, baseOffset, `the batch at offset ${baseOffset} does not match its checksum`)
    }
    return row
  }

  /** The batch that holds this offset, or the last one before it; unchecked. */
  lastUpTo(offset: number): BatchHeader | undefined {
    return this.#upTo.get(offset)
  }

  /** Greatest event time of the accepted records of all batches; -Infinity for none. */
  maxEventTime(): number {
    return this.#maxEventTime.get()?.max ?? Number.NEGATIVE_INFINITY
  }

  /** When the first batch came, epoch ms; null where there is none. */
  firstArrivalMs(): number | null {
    return this.#arrivals.get()?.first ?? null
  }

  /** When the newest batch came: a clock that was set back may make it an earlier one than the last. */
  newestArrivalMs(): number | null {
    return this.#arrivals.get()?.newest ?? null
  }
}

function checksum(batch: StoredBatch): number {
  const numbers = Float64Array.of(
    batch.base_offset,
    batch.received,
    batch.accepted,
    batch.arrival_ms,
    batch.max_event_time_before,
    batch.min_event_time,
    batch.max_event_time,
    batch.schema_version,
    batch.producer_epoch ?? -1,
    batch.base_sequence ?? -1,
  )
  return crc32(batch.body, crc32(batch.producer_id ?? '', crc32(new Uint8Array(numbers.buffer))))
}
