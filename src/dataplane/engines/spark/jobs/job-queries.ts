import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import type { JobSpec } from '../../engine.ts'
import type { ComputedTopics } from '../relay/relays.ts'
import { checkpointOf, type KnownQuery, knownFrom } from './checkpoint-choice.ts'
import type { WantedQuery } from './running-queries.ts'

/** What a job of Spark needs of what any job is told. */
export type SparkJobSpec = Pick<JobSpec, 'plan' | 'rebuild' | 'keep' | 'onCommitBegun' | 'onCommit'>

export interface SparkJobQuery {
  readonly name: string
  /** Of the plan whose state Spark is to keep. */
  readonly fingerprint: string
  /** As it is given to Spark; name, topic and checkpoint are added. */
  readonly submitted: WantedQuery['start']
}

/** What writes the dead letters of a stream. */
export interface SparkLetters {
  readonly stream: string
  readonly submitted: WantedQuery['start']
}

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
  { name, submitted }: SparkJobQuery,
  app: string,
  { checkpoint }: KnownQuery,
  topics: Pick<ComputedTopics, 'topicOf'>,
): WantedQuery {
  const topic = topics.topicOf(app, name, checkpoint)
  const start = { ...submitted, options: { ...submitted.options, topic } }
  return { name, checkpoint, submitted: hashOf(start), start }
}

/** Its name has a point, which names of queries have not. It keeps no state, so that it goes on from its checkpoint whatever becomes of the plan. */
export const wantedLetters = ({ stream, submitted }: SparkLetters): WantedQuery => ({
  name: `${stream}.deadLetters`,
  checkpoint: 'letters',
  submitted: hashOf(submitted),
  start: submitted,
})

const hashOf = (start: WantedQuery['start']): string => sha256(JSON.stringify(start, bigintText))

/** Literals of Spark's LONG are bigints, which JSON has not. */
const bigintText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
