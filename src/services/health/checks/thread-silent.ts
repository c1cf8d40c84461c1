import type { AppCheck } from '../check.ts'
import { spanText } from '../wording.ts'

/** A thread is there and does not answer: it hangs, or has been busy with one thing for very long. */
export const threadSilent: AppCheck = {
  code: 'thread_silent',
  find: ({ app, ingest, job, thresholds }) =>
    (
      [
        ['the job', job],
        ['ingest', ingest],
      ] as const
    )
      .filter(([, { silentMs }]) => silentMs >= thresholds.silentMs)
      .map(([name, { silentMs }]) => ({
        subject: name,
        sentence: `${name} has not answered for ${spanText(silentMs)}: its thread hangs, or has been busy with one thing for that long`,
        action: `Look at the load of the machine, at the disk, and whether another program has the files of app '${app}' open; if it does not come back, start the platform again: nothing is lost.`,
      })),
}
