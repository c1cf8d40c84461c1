import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { QueryStatus } from '../../engine.ts'
import type { WriterSchema } from '../lowering/record-writers.ts'
import type { Superseded } from './stored-results.ts'

/** What an instance keeps of its job on Spark to find it again. It may be lost: what counts is kept with the results. */
export interface JobRecord {
  /** Queries are seen by their own session alone. */
  readonly sessionId: string | null
  readonly queries: Readonly<Record<string, StartedQuery>>
  /** Computations that are to be deleted when none of them runs any more. */
  readonly superseded?: readonly Superseded[]
  /** Schemas of Avro records that were met, by stream. */
  readonly writers?: Readonly<Record<string, readonly WriterSchema[]>>
}

/** A query as it was started. */
export interface StartedQuery {
  readonly checkpoint: string
  /** Of all that Spark was asked to run; another one on the same checkpoint is started anew from there. */
  readonly submitted: string
  /** How far it had read: Spark says so again only with its next batch. */
  readonly positions: Positions
}

export type Positions = QueryStatus['positions']

const NOTHING: JobRecord = { sessionId: null, queries: {} }

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
