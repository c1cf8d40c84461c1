import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { QueryStatus } from '../../engine.ts'
import type { KnownQuery } from './checkpoint-choice.ts'

/** What an instance keeps of its job on Spark, to find it again. */
export interface JobRecord {
  /** Queries are seen by their own session alone. */
  readonly sessionId: string | null
  readonly queries: Readonly<Record<string, KnownQuery>>
  /** How far each query had read, by its checkpoint: Spark says so again only with its next batch. */
  readonly positions: Readonly<Record<string, Positions>>
}

export type Positions = QueryStatus['positions']

const NOTHING: JobRecord = { sessionId: null, queries: {}, positions: {} }

/** @throws MSB_STATE_DAMAGED for a file that is no record */
export function readJobRecord(path: string): JobRecord {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as JobRecord
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING
    throw new MysimbdpError('MSB_STATE_DAMAGED', `'${path}' cannot be read: ${(cause as Error).message}`, { cause })
  }
}

export function writeJobRecord(path: string, record: JobRecord): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}
