import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { removeDatabase } from '#foundation/sqlite/database.ts'

/** Creates a folder, and those above it, so that they are there after a power cut. @throws MSB_DISK_FULL, MSB_STORAGE_FAILED */
export function createFolder(path: string): void {
  guarded(path, () => {
    const first = mkdirSync(path, { recursive: true })
    if (first === undefined) return
    for (let folder = path; folder.length >= first.length; folder = dirname(folder)) syncFolder(dirname(folder))
  })
}

/** Gives a finished file its name, for good. */
export function publishFile(from: string, to: string): void {
  guarded(to, () => {
    renameSync(from, to)
    syncFolder(dirname(to))
  })
}

/** Removes a SQLite file with what belongs to it. @throws MSB_STORAGE_FAILED */
export const removeSegmentFile = (path: string): void => guarded(path, () => removeDatabase(path))

/** What a SQLite file takes on the disk with its WAL; 0 for one that is not there. */
export function databaseBytes(path: string): number {
  return ['', '-wal'].reduce(
    (bytes, suffix) => bytes + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}

/** Runs file operations; their errors become ours. */
export function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof MysimbdpError) throw error
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
    throw new MysimbdpError(
      full ? 'MSB_DISK_FULL' : 'MSB_STORAGE_FAILED',
      `cannot write ${path}: ${(error as Error).message}`,
      { cause: error, where: { file: path } },
    )
  }
}

function syncFolder(path: string): void {
  // Windows opens no folders, and needs no such step.
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
