import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { CliContext } from './context.ts'

interface RunData {
  readonly folder: string
  /** To be called when the run is over: a temporary folder goes away. */
  leave(): void
}

/** The data folder of a run: the one that was asked for, or a temporary one, which a signal removes too. @throws MSB_STORAGE_FAILED */
export function openRunData(asked: string | undefined, { beforeKilled, terminal }: CliContext): RunData {
  if (asked !== undefined) {
    const say = (): void => {
      terminal.progress('')
      terminal.note('stopped; the same command goes on from here\n')
    }
    return { folder: asked, leave: beforeKilled(say) }
  }
  const folder = newTemporaryFolder()
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const stayAlive = beforeKilled(remove)
  return {
    folder,
    leave: () => {
      remove()
      stayAlive()
    },
  }
}

function newTemporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'mysimbdp-run-'))
  } catch (cause) {
    throw new MysimbdpError('MSB_STORAGE_FAILED', `no temporary folder can be made: ${(cause as Error).message}`, {
      cause,
      hint: 'Set TMPDIR to a folder that exists, or name a folder with --data.',
    })
  }
}

/** The reader did not choose the folder that an error of a run without --data is about. */
export function aboutTemporaryFolder(error: unknown, folder: string): unknown {
  if (!(error instanceof MysimbdpError) || error.code !== 'MSB_DISK_FULL') return error
  if (!String(error.where.file ?? error.message).includes(folder)) return error
  const hint = `The run works in the temporary folder ${folder}: free space there, or name a folder on another disk with --data.`
  return new MysimbdpError(error.code, error.message, { cause: error.cause, hint, where: error.where })
}
