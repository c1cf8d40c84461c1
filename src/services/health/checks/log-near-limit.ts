import { byteText } from '#foundation/size/byte-size.ts'
import type { AppCheck } from '../check.ts'
import { percentText } from '../wording.ts'

/** The log will soon take no more records. */
export const logNearLimit: AppCheck = {
  code: 'log_near_limit',
  find: ({ streams, thresholds }) =>
    streams.flatMap(({ stream, logBytes, logLimitBytes }) => {
      if (logLimitBytes === null || logBytes < logLimitBytes * thresholds.logLimitShare) return []
      return [
        {
          subject: stream,
          sentence: `the log of stream '${stream}' has ${byteText(logBytes)}, ${percentText(logBytes / logLimitBytes)} of its limit of ${byteText(logLimitBytes)}; at the limit records are refused`,
          action:
            'Keep records for less long (retention of the stream), look whether a job that does not run keeps them, or raise the limit.',
        },
      ]
    }),
}
