import { basename } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** What is stored cannot be trusted: `what` completes "segment-….db: ". */
export function logDamaged(file: string, offset: number, what: string, cause?: unknown): MysimbdpError {
  return new MysimbdpError('MSB_LOG_DAMAGED', `${basename(file)}: ${what}`, { cause, where: { file, offset } })
}
