import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** What is known of a query that was started: on which checkpoint, and for what plan. */
export interface KnownQuery {
  /** Of the plan whose state the checkpoint holds. */
  readonly fingerprint: string
  /** Name of the checkpoint's folder. */
  readonly checkpoint: string
  /** How often the query was computed anew. */
  readonly rebuilds: number
  /** Of all that Spark was asked to run; another one on the same checkpoint is started anew from there. */
  readonly submitted: string
}

export interface CheckpointRequest {
  readonly query: string
  /** Of the plan as it is now. */
  readonly fingerprint: string
  readonly submitted: string
  /** Null for a query that was not started from this data folder. */
  readonly known: KnownQuery | null
  /** Computed anew from the beginning of the topic. */
  readonly rebuild: boolean
  /** Goes on with the state it has although the plan changed. */
  readonly keep: boolean
}

const FINGERPRINT_DIGITS = 16

/**
 * The checkpoint a query runs on. Its name begins with the fingerprint of the plan: Spark itself takes the state of a sum of fares for that of a
 * sum of tips, so that a changed plan must not meet it, also where nothing but the checkpoint is left.
 * @throws MSB_STATE_FINGERPRINT when the plan has changed, and nobody said what is to become of its state
 */
export function checkpointOf({ query, fingerprint, submitted, known, rebuild, keep }: CheckpointRequest): KnownQuery {
  if (known === null) return { fingerprint, checkpoint: nameOf(fingerprint, 0), rebuilds: 0, submitted }
  if (rebuild) {
    const rebuilds = known.rebuilds + 1
    return { fingerprint, checkpoint: nameOf(fingerprint, rebuilds), rebuilds, submitted }
  }
  if (known.fingerprint !== fingerprint && !keep)
    throw new MysimbdpError(
      'MSB_STATE_FINGERPRINT',
      `query '${query}' has changed since its checkpoint '${known.checkpoint}' was written: Spark would mix what it counted before with what it counts now`,
      { where: { query } },
    )
  return { ...known, fingerprint, submitted }
}

const nameOf = (fingerprint: string, rebuilds: number): string =>
  `${fingerprint.slice(0, FINGERPRINT_DIGITS)}-${rebuilds}`
