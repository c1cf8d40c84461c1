import { rmSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type ErrorCode, errorCodes } from '../errors/error-codes.ts'
import { MysimbdpError } from '../errors/mysimbdp-error.ts'

/** A value SQLite can hold. Dates and `undefined` are kept out by type: node:sqlite stores the first as NULL in silence. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** A row by column name; it has no prototype. Blobs are Uint8Array, integers beyond 2^53 - 1 are an error. */
export type SqlRow = Readonly<Record<string, SqlValue>>

export interface DatabaseOptions {
  /** FULL: a commit is on disk when it returns. NORMAL: a power cut may lose the last commits, never a part of one. OFF: the file too. */
  readonly synchronous: 'FULL' | 'NORMAL' | 'OFF'
  /** What a damaged file means to the caller. */
  readonly damagedCode: Extract<ErrorCode, 'MSB_LOG_DAMAGED' | 'MSB_STATE_DAMAGED' | 'MSB_CATALOG_DAMAGED'>
  /** Only counts when the file is created. */
  readonly pageSizeBytes?: number
  readonly readOnly?: boolean
  /** The file may not grow beyond this: lets a test meet a full disk. */
  readonly maxPageCount?: number
  /** The WAL is written back into the file by the commit that brings it to so many pages; 1,000 by default. */
  readonly autoCheckpointPages?: number
}

const AUTO_CHECKPOINT_PAGES = 1000
/** Writers of a file are kept apart by a lock of their own, so this is only for the moments in which SQLite itself locks. */
const BUSY_TIMEOUT_MS = 5000

/** Removes a database file and what belongs to it, where it is there. Nobody may have it open. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true })
}

/** @throws MSB_DISK_FULL, MSB_STORAGE_FAILED, MSB_DATA_FOLDER_LOCKED, or `damagedCode`; so does every method */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  return new Database(path, options)
}

/** One SQLite file in WAL mode, and one connection to it. Everything is synchronous. */
export class Database {
  readonly path: string
  readonly #connection: DatabaseSync
  readonly #damagedCode: ErrorCode
  #size: Statement<{ bytes: number }> | undefined

  constructor(path: string, options: DatabaseOptions) {
    this.path = path
    this.#damagedCode = options.damagedCode
    try {
      this.#connection = connectAfterRollback(path, options)
    } catch (error) {
      // What opening does is always the same, so where SQLite cannot do it the file is at fault: a header it does not know.
      throw fromSqlite(error, path, options.damagedCode, options.damagedCode)
    }
  }

  /** Runs statements that have no parameters and no rows. */
  exec(sql: string): void {
    this.#guard(() => this.#connection.exec(sql))
  }

  prepare<Row extends object = SqlRow>(sql: string): Statement<Row> {
    const statement = this.#guard(() => this.#connection.prepare(sql))
    return new Statement<Row>(statement, (work) => this.#guard(work))
  }

  /** All of `work` happens, or, when it throws, nothing. `work` must not be asynchronous; transactions do not nest. */
  transaction<Result>(work: () => Result): Result {
    this.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.exec('COMMIT')
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** What the file holds, the WAL included. */
  get sizeBytes(): number {
    this.#size ??= this.prepare<{ bytes: number }>(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    )
    return this.#size.get()?.bytes ?? 0
  }

  /**
   * Writes the WAL back into the file and syncs it. Answers whether all of it: then every commit so far survives a power cut. What a reader
   * still looks at stays for another time; nobody is waited for.
   */
  checkpoint(): boolean {
    return this.#checkpoint('PASSIVE')
  }

  /** The same, and the WAL is emptied: the file is small again. Answers whether no reader was in the way. */
  truncateWal(): boolean {
    this.exec('PRAGMA busy_timeout = 0')
    try {
      return this.#checkpoint('TRUNCATE')
    } finally {
      this.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    }
  }

  #checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    const { busy, log, checkpointed } = this.prepare<{ busy: number; log: number; checkpointed: number }>(
      `PRAGMA wal_checkpoint(${mode})`,
    ).get()!
    return busy === 0 && log === checkpointed
  }

  /** Moves the limit of `maxPageCount`. */
  limitPages(count: number): void {
    this.exec(`PRAGMA max_page_count = ${count}`)
  }

  /** Gives up an open transaction, and never throws: also called when something is already broken. */
  close(): void {
    this.#rollBack()
    try {
      this.#connection.close()
    } catch {
      // It was closed before, or the disk failed: what was committed is in the WAL either way.
    }
  }

  #rollBack(): void {
    try {
      // SQLite itself rolls back after some errors, a full disk among them.
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
    } catch {
      // Uncommitted changes never reach the file; the error that led here is the one to report.
    }
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw fromSqlite(error, this.path, this.#damagedCode, 'MSB_INTERNAL')
    }
  }
}

/** A prepared statement; parameters are positional. */
export class Statement<Row extends object = SqlRow> {
  readonly #statement: StatementSync
  readonly #guard: <Result>(work: () => Result) => Result

  constructor(statement: StatementSync, guard: <Result>(work: () => Result) => Result) {
    this.#statement = statement
    this.#guard = guard
  }

  run(...parameters: readonly SqlValue[]): void {
    this.#guard(() => this.#statement.run(...(parameters as SQLInputValue[])))
  }

  get(...parameters: readonly SqlValue[]): Row | undefined {
    return this.#guard(() => this.#statement.get(...(parameters as SQLInputValue[])) as Row | undefined)
  }

  /** Rows one by one, for results that need not fit in memory. The statement is busy until the last one is taken. */
  *iterate(...parameters: readonly SqlValue[]): Iterable<Row> {
    const rows = this.#guard(() => this.#statement.iterate(...(parameters as SQLInputValue[])))[Symbol.iterator]()
    for (;;) {
      const next = this.#guard(() => rows.next())
      if (next.done === true) return
      yield next.value as Row
    }
  }

  all(...parameters: readonly SqlValue[]): Row[] {
    return this.#guard(() => this.#statement.all(...(parameters as SQLInputValue[])) as Row[])
  }
}

/** Extended result code: what a writer had begun has to be taken back first, and a connection that only reads cannot. */
const SQLITE_READONLY_ROLLBACK = 776

/** A file has a rollback journal for the moment in which it is made one with a WAL. A writer that is killed then leaves it behind. */
function connectAfterRollback(path: string, options: DatabaseOptions): DatabaseSync {
  try {
    return connect(path, options)
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== SQLITE_READONLY_ROLLBACK) throw error
    const writing = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
    writing.prepare('SELECT count(*) FROM sqlite_schema').get()
    writing.close()
    return connect(path, options)
  }
}

function connect(path: string, options: DatabaseOptions): DatabaseSync {
  const readOnly = options.readOnly ?? false
  const connection = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS })
  try {
    if (!readOnly) {
      if (options.pageSizeBytes !== undefined) connection.exec(`PRAGMA page_size = ${options.pageSizeBytes}`)
      connection.exec('PRAGMA journal_mode = WAL')
      connection.exec(`PRAGMA wal_autocheckpoint = ${options.autoCheckpointPages ?? AUTO_CHECKPOINT_PAGES}`)
      if (options.maxPageCount !== undefined) connection.exec(`PRAGMA max_page_count = ${options.maxPageCount}`)
    }
    connection.exec(`PRAGMA synchronous = ${options.synchronous}`)
    // Without it a damaged page can be read as if nothing were wrong.
    connection.exec('PRAGMA cell_size_check = ON')
    connection.prepare('SELECT count(*) FROM sqlite_schema').get()
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

const PRIMARY_CODE_MASK = 0xff

/** Primary result codes of SQLite that are not a bug of ours, with what they mean to the user. */
function meaningOf(resultCode: number, damagedCode: ErrorCode): ErrorCode | undefined {
  switch (resultCode & PRIMARY_CODE_MASK) {
    case 13: // SQLITE_FULL
      return 'MSB_DISK_FULL'
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return damagedCode
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return 'MSB_DATA_FOLDER_LOCKED'
    case 8: // SQLITE_READONLY
    case 10: // SQLITE_IOERR
    case 14: // SQLITE_CANTOPEN
      return 'MSB_STORAGE_FAILED'
    default:
      return undefined
  }
}

function fromSqlite(error: unknown, path: string, damagedCode: ErrorCode, otherwise: ErrorCode): unknown {
  if (!(error instanceof Error) || error instanceof MysimbdpError) return error
  const { code, errcode } = error as { code?: string; errcode?: number }
  if (code !== 'ERR_SQLITE_ERROR' && code !== 'ERR_OUT_OF_RANGE') return error
  // An integer beyond 2^53 - 1: none of our tables holds one, so the bytes are not ours.
  const known = code === 'ERR_OUT_OF_RANGE' ? damagedCode : meaningOf(errcode ?? 0, damagedCode)
  const meaning = known ?? otherwise
  return new MysimbdpError(meaning, `${errorCodes[meaning].meaning}: ${error.message}`, {
    cause: error,
    where: { file: path },
  })
}
