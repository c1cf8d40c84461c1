import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { StateBudget, StateOverflow } from './state-budget.ts'

/** For what must be in memory, of one query: so much in any case, and so many times the budget for state that can lie on the disk. */
const HELD_BYTES = 512 * 2 ** 20
const TIMES_BUDGET = 16

/** How much a query may hold that has no place but memory: open sessions, and keys of deduplication. */
export interface HeldStateLimit {
  readonly query: string
  readonly bytesMax: number
  /** Where it counts, so that what can lie on the disk goes there first; null where there is none. */
  readonly budget: StateBudget | null
}

export const heldStateLimit = (query: string, overflow: StateOverflow | null): HeldStateLimit => ({
  query,
  bytesMax: Math.max(HELD_BYTES, TIMES_BUDGET * (overflow?.budget.limitBytes ?? 0)),
  budget: overflow?.budget ?? null,
})

/** @throws MSB_STATE_TOO_LARGE */
export function requireRoom({ query, bytesMax }: HeldStateLimit, bytes: number, what: string): void {
  if (bytes <= bytesMax) return
  const mebibytes = (size: number): number => Math.ceil(size / 2 ** 20)
  throw new MysimbdpError(
    'MSB_STATE_TOO_LARGE',
    `query '${query}' holds ${what}, about ${mebibytes(bytes)} MiB, and may hold ${mebibytes(bytesMax)}`,
    { where: { query } },
  )
}
