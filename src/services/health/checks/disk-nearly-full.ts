import { byteText } from '#foundation/size/byte-size.ts'
import type { PlatformCheck } from '../check.ts'

/** When the disk is full, records are refused and jobs stop. */
export const diskNearlyFull: PlatformCheck = {
  code: 'disk_nearly_full',
  find: ({ disk: { dataFolder, freeBytes, totalBytes }, thresholds: { diskReserveBytes } }) =>
    freeBytes >= diskReserveBytes
      ? []
      : [
          {
            sentence: `the disk that holds '${dataFolder}' has ${byteText(freeBytes)} free of ${byteText(totalBytes)}, less than the reserve of ${byteText(diskReserveBytes)}; when it is full, records are refused`,
            action: 'Make room on it, keep records for less long, or move the data folder to a larger disk.',
          },
        ],
}
