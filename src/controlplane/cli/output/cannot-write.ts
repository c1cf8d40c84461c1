import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** A file of results that could not be written; errors of ours, from what was to be written, stay what they are. */
export function cannotWrite(path: string, cause: unknown): MysimbdpError {
  if (cause instanceof MysimbdpError) return cause
  const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC'
  return new MysimbdpError(
    full ? 'MSB_DISK_FULL' : 'MSB_STORAGE_FAILED',
    `'${path}' cannot be written: ${(cause as Error).message}`,
    {
      cause,
      hint: full
        ? 'Free space on its disk, or write to another one.'
        : 'Check its disk and the permissions of its folder.',
    },
  )
}
