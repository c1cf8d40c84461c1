import { DatabaseSync } from 'node:sqlite'
import { MysimbdpError } from '../errors/mysimbdp-error.ts'

export interface FileLock {
  /** Never throws. */
  release(): void
}

/**
 * Takes a lock that ends with the process that holds it, however that ends: an exclusive transaction on a SQLite file that
 * stays empty. It also holds against a second taker in the same process.
 * @param what names what is locked, for the message: `partition 0 of 'trips'`
 * @throws MSB_DATA_FOLDER_LOCKED, MSB_STORAGE_FAILED
 */
export function acquireFileLock(path: string, what: string): FileLock {
  let connection: DatabaseSync | undefined
  try {
    connection = new DatabaseSync(path, { timeout: 0 })
    connection.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    connection?.close()
    const busy = (error as { errcode?: number }).errcode === 5
    const message = busy
      ? `${what} is in use by another process or another opening`
      : `cannot lock ${what}: ${(error as Error).message}`
    throw new MysimbdpError(busy ? 'MSB_DATA_FOLDER_LOCKED' : 'MSB_STORAGE_FAILED', message, {
      cause: error,
      where: { file: path },
    })
  }
  return { release: () => release(connection) }
}

function release(connection: DatabaseSync): void {
  try {
    connection.close()
  } catch {
    // Released before.
  }
}
