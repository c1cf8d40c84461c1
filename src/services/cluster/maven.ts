import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { findMaven } from './programs.ts'

const run = promisify(execFile)

const OUTPUT_MAX_BYTES = 16 * 1024 * 1024
const ERROR_LINES = 5

/**
 * Runs Maven without the network, and with it where that does not do.
 * @param onFetching called before Maven goes to the network, which takes seconds to minutes
 * @throws MSB_PROGRAM_MISSING without Maven, MSB_CLUSTER_LIBRARIES with what Maven says
 */
export async function runMaven(args: readonly string[], onFetching: () => void): Promise<void> {
  const maven = await findMaven()
  const all = ['--batch-mode', '--quiet', ...args]
  try {
    await run(maven, ['--offline', ...all], { maxBuffer: OUTPUT_MAX_BYTES })
  } catch {
    onFetching()
    await run(maven, all, { maxBuffer: OUTPUT_MAX_BYTES }).catch((error: unknown) => {
      throw mavenError(error)
    })
  }
}

function mavenError(error: unknown): MysimbdpError {
  const { stdout = '', message } = error as { readonly stdout?: string; readonly message: string }
  const lines = stdout.split('\n').filter((line) => line.startsWith('[ERROR]') && line.length > '[ERROR] '.length)
  const reason = lines.length === 0 ? message : lines.slice(0, ERROR_LINES).join('\n')
  return new MysimbdpError('MSB_CLUSTER_LIBRARIES', `Maven could not bring the jars of the servers:\n${reason}`, {
    cause: error,
  })
}
