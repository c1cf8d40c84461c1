import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a running platform leaves in its data folder, so that commands on the same machine find it. */
export interface PlatformFile {
  readonly url: string
  readonly pid: number
}

/** Where `start` keeps its data, and commands look for it, unless told otherwise. */
export const DEFAULT_DATA_FOLDER = './data/live'

const fileIn = (folder: string): string => join(folder, 'platform.json')

export function writePlatformFile(folder: string, content: PlatformFile): void {
  writeFileSync(`${fileIn(folder)}.new`, `${JSON.stringify(content)}\n`)
  renameSync(`${fileIn(folder)}.new`, fileIn(folder))
}

/** Undefined where no platform runs, or where it was killed before it could write the file. */
export function readPlatformFile(folder: string): PlatformFile | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(folder), 'utf8')) as PlatformFile
  } catch {
    return undefined
  }
}

export const removePlatformFile = (folder: string): void => rmSync(fileIn(folder), { force: true })
