import { rmSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { RelayedResults } from '../../relayed-results.ts'
import type { ComputedTopics } from '../relay/relays.ts'
import { type KnownQuery, knownFrom, originOf } from './checkpoint-choice.ts'

/** What Spark has computed of a query before, and nobody wants any more. */
export interface Superseded {
  readonly query: string
  readonly checkpoint: string
}

/** Makes what is stored fit the computations that are wanted: rows of others leave. Answers those that were Spark's. */
export async function fitStored(
  results: RelayedResults,
  known: ReadonlyMap<string, KnownQuery>,
): Promise<readonly Superseded[]> {
  const before = results.queries().map(({ query, origin }) => ({ query, origin, checkpoint: checkpointIn(origin) }))
  for (const { query } of before) if (!known.has(query)) await results.remove(query)
  for (const [query, wanted] of known) {
    const stored = before.find((one) => one.query === query)
    const origin = originOf(wanted)
    if (stored?.origin === origin) continue
    await (stored?.checkpoint === wanted.checkpoint ? results.adopt(query, origin) : results.reset(query, origin))
  }
  return before.flatMap(({ query, checkpoint }) =>
    checkpoint === null || known.get(query)?.checkpoint === checkpoint ? [] : [{ query, checkpoint }],
  )
}

const checkpointIn = (origin: string): string | null => knownFrom(origin)?.checkpoint ?? null

/**
 * Deletes topics and, where they lie on this machine, checkpoints of computations that are over: only those that this job has seen replaced, so that none is
 * another's. What cannot be deleted stays, and harms nobody.
 */
export async function discard(
  app: string,
  superseded: readonly Superseded[],
  { topics, checkpoints }: { readonly topics: ComputedTopics; readonly checkpoints: string },
): Promise<void> {
  for (const { query, checkpoint } of superseded)
    if (isAbsolute(checkpoints)) rmSync(join(checkpoints, app, query, checkpoint), { recursive: true, force: true })
  try {
    await topics.remove(superseded.map(({ query, checkpoint }) => topics.topicOf(app, query, checkpoint)))
  } catch (error) {
    if (!(error instanceof MysimbdpError)) throw error
  }
}
