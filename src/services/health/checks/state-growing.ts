import { byteText } from '#foundation/size/byte-size.ts'
import type { AppCheck } from '../check.ts'

/** Commits pile up beside the state file: somebody reads it for very long, or the disk cannot take them. */
export const stateGrowing: AppCheck = {
  code: 'state_growing',
  find: ({ app, storage: { stateWalBytes }, thresholds }) =>
    stateWalBytes < thresholds.stateWalBytes
      ? []
      : [
          {
            sentence: `${byteText(stateWalBytes)} of commits wait beside the state file of app '${app}' and are not written back into it, so it grows`,
            action:
              'Somebody who reads results for very long, or another program that has the file open, keeps it from being written back: end that one.',
          },
        ],
}
