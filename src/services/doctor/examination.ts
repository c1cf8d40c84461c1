import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** One thing that was looked at. */
export interface Examination {
  /** What, as in `the log of stream 'trips'`. */
  readonly what: string
  readonly isWell: boolean
  /** What was found: figures where all is well, else what is wrong. */
  readonly found: string
  /** What to do; null where all is well. */
  readonly action: string | null
}

/** Looks at something; an error of ours is a finding, not an end. */
export async function examine(what: string, look: () => Promise<string> | string): Promise<Examination> {
  try {
    return { what, isWell: true, found: await look(), action: null }
  } catch (error) {
    if (!(error instanceof MysimbdpError)) throw error
    const { file } = error.where
    const place = file === undefined || error.message.includes(String(file)) ? '' : ` ('${file}')`
    return { what, isWell: false, found: `${error.message}${place}`, action: error.hint }
  }
}
