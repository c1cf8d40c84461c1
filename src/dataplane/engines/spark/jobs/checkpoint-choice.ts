import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomName } from '#foundation/random/random-id.ts'

/** What is known of a query that was started: on which checkpoint, and for what plan. */
export interface KnownQuery {
  /** Of the plan whose state the checkpoint holds. */
  readonly fingerprint: string
  /** Name of the checkpoint's folder. */
  readonly checkpoint: string
}

export interface CheckpointRequest {
  readonly query: string
  /** Of the plan as it is now. */
  readonly fingerprint: string
  /** Null for a query that has no results yet. */
  readonly known: KnownQuery | null
  /** Computed anew from the beginning of the topic. */
  readonly rebuild: boolean
  /** Goes on with the state it has although the plan changed. */
  readonly keep: boolean
}

const FINGERPRINT_DIGITS = 16

/**
 * The checkpoint a query runs on. A computation from the beginning gets one that never was: what is left of others must not be gone on with. Its name begins with
 * the fingerprint of the plan, for people.
 * @throws MSB_STATE_FINGERPRINT when the plan has changed, and nobody said what is to become of its state: Spark itself would take the state of a sum of
 *   fares for that of a sum of tips
 */
export function checkpointOf({ query, fingerprint, known, rebuild, keep }: CheckpointRequest): KnownQuery {
  if (known === null || rebuild)
    return { fingerprint, checkpoint: `${fingerprint.slice(0, FINGERPRINT_DIGITS)}-${randomName()}` }
  if (known.fingerprint !== fingerprint && !keep)
    throw new MysimbdpError(
      'MSB_STATE_FINGERPRINT',
      `query '${query}' has changed since its checkpoint '${known.checkpoint}' was written: Spark would mix what it counted before with what it counts now`,
      { where: { query } },
    )
  return { ...known, fingerprint }
}

/** A known query as the origin that is kept with its results. */
export const originOf = ({ fingerprint, checkpoint }: KnownQuery): string =>
  JSON.stringify({ engine: 'spark', fingerprint, checkpoint })

/**
 * @returns null for results of another engine
 */
export function knownFrom(origin: string): KnownQuery | null {
  if (!origin.startsWith('{')) return null
  const { engine, fingerprint, checkpoint } = JSON.parse(origin) as KnownQuery & { readonly engine: string }
  return engine === 'spark' ? { fingerprint, checkpoint } : null
}
