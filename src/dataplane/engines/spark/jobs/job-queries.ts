import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import type { JobSpec } from '../../engine.ts'
import type { RecordWriters } from '../lowering/record-writers.ts'
import { checkpointOf, type KnownQuery, knownFrom } from './checkpoint-choice.ts'
import type { LearntWriters } from './learnt-writers.ts'
import type { AskedQuery, WantedQuery } from './running-queries.ts'

/** What a job of Spark needs of what any job is told. */
export type SparkJobSpec = Pick<JobSpec, 'plan' | 'rebuild' | 'keep' | 'onCommitBegun' | 'onCommit'>

export interface SparkJobQuery {
  readonly name: string
  /** Of the plan whose state Spark is to keep. */
  readonly fingerprint: string
  /** Whose records it reads. */
  readonly stream: string
  readonly lower: LowerForWriters
}

/** What writes the dead letters of a stream. */
export interface SparkLetters {
  readonly stream: string
  readonly lower: LowerForWriters
}

/** A query as it is given to Spark; name, topic and checkpoint are added. */
type LowerForWriters = (writers: RecordWriters) => AskedQuery['start']

/** @param origin as it is kept with the results of the query; undefined where there are none. @throws MSB_STATE_FINGERPRINT */
export function knownQuery(
  { name, fingerprint }: SparkJobQuery,
  origin: string | undefined,
  { rebuild: rebuilt = [], keep = [] }: SparkJobSpec,
): KnownQuery {
  const rebuild = rebuilt === 'all' || rebuilt.includes(name)
  const known = origin === undefined ? null : knownFrom(origin)
  if (origin !== undefined && known === null && !rebuild)
    throw new MysimbdpError(
      'MSB_STATE_FINGERPRINT',
      `the results of query '${name}' were computed by another engine, whose state Spark does not have`,
      { where: { query: name } },
    )
  return checkpointOf({ query: name, fingerprint, known, rebuild, keep: keep.includes(name) })
}

export function wantedQuery(
  { name, stream, lower }: SparkJobQuery,
  { checkpoint }: KnownQuery,
  topic: string,
  writers: LearntWriters,
): WantedQuery {
  const asked = askedBy(stream, writers, (known) => {
    const start = lower(known)
    return { ...start, options: { ...start.options, topic } }
  })
  return { name, stream, checkpoint, asked }
}

/** Its name has a point, which names of queries have not. It keeps no state, so that it goes on from its checkpoint whatever becomes of the plan. */
export const wantedLetters = ({ stream, lower }: SparkLetters, writers: LearntWriters): WantedQuery => ({
  name: `${stream}.deadLetters`,
  stream,
  checkpoint: 'letters',
  asked: askedBy(stream, writers, lower),
})

/** Lowers a query once for all that is known at a time. */
function askedBy(stream: string, writers: LearntWriters, lower: LowerForWriters): () => AskedQuery {
  let known: RecordWriters | null = null
  let asked: AskedQuery | null = null
  return () => {
    if (asked !== null && known === writers.of(stream)) return asked
    known = writers.of(stream)
    const start = lower(known)
    asked = { submitted: sha256(JSON.stringify(start, bigintText)), start }
    return asked
  }
}

/** Literals of Spark's LONG are bigints, which JSON has not. */
const bigintText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
