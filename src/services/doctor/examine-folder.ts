import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { byteText } from '#foundation/size/byte-size.ts'
import { acquireFileLock } from '#foundation/sqlite/file-lock.ts'
import { AppFolder } from '../live/app-folder.ts'
import type { Platform } from '../runs/platform.ts'
import { type Examination, examine } from './examination.ts'
import { type AppExaminations, examineApp } from './examine-app.ts'

export interface FolderExaminations {
  readonly examinations: readonly Examination[]
  readonly apps: readonly AppExaminations[]
}

/**
 * Examines a data folder while no platform runs on it; one that is started meanwhile is refused.
 * @param platform null where apps are not looked at: on Kafka they are another instance's as well
 * @param diskReserveBytes free space that the disk must have
 */
export async function examineFolder(
  dataFolder: string,
  platform: Platform | null,
  diskReserveBytes: number,
): Promise<FolderExaminations> {
  const folder = await examine('the data folder', () => {
    if (!existsSync(dataFolder))
      throw new MysimbdpError('MSB_DATA_FOLDER_NOT_FOUND', `there is no folder '${dataFolder}'`, {
        hint: 'Give the folder that `mysimbdp start --data` uses.',
      })
    if (existsSync(join(dataFolder, 'run.json')))
      throw new MysimbdpError('MSB_RUN_FOLDER_IN_USE', `'${dataFolder}' is the folder of a run, not of a platform`, {
        hint: 'Repeat the command that made the run: it checks log and state, and prints the results again.',
      })
    return `'${dataFolder}' is there`
  })
  if (!folder.isWell) return { examinations: [folder], apps: [] }
  const disk = await examine('the disk', () => freeSpace(dataFolder, diskReserveBytes))
  let release = (): void => {}
  const lock = await examine('whether a process works on it', () => {
    const held = acquireFileLock(join(dataFolder, 'lock.db'), `the data folder '${dataFolder}'`)
    release = () => held.release()
    return 'none does'
  })
  try {
    const apps: AppExaminations[] = []
    if (lock.isWell && platform !== null)
      for (const app of AppFolder.all(dataFolder)) apps.push(await examineApp(app, platform))
    return { examinations: [folder, disk, lock], apps }
  } finally {
    release()
  }
}

async function freeSpace(folder: string, reserveBytes: number): Promise<string> {
  const { bavail, blocks, bsize } = await statfs(folder)
  const [free, total] = [bavail * bsize, blocks * bsize]
  if (free < reserveBytes)
    throw new MysimbdpError(
      'MSB_DISK_FULL',
      `${byteText(free)} of ${byteText(total)} are free, less than the reserve of ${byteText(reserveBytes)}`,
    )
  return `${byteText(free)} of ${byteText(total)} are free`
}
