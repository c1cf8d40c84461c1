import type { RemoteRun } from '#dataplane/engines/remote-query.ts'
import { type RejectionCode, rejectionCodes } from '#dataplane/records/record-batch.ts'
import type { InputCounts } from '../runs/rejection-sentence.ts'

type Counted = RemoteRun['counted']

/** How far back it looks, ms. */
const RECENT_MS = 60_000

/** Names of what a query in another server counts of its records: by reason, and by field. */
const OF_REASON = 'code_'
const OF_FIELD = 'field_'

/** What a stream has received of late, as a server tells of it that reads the stream for itself: its counts only ever grow. */
export class RemoteInputWatch {
  #samples: readonly { readonly atMs: number; readonly counted: Counted }[] = []

  /** Looks at the counts as they are now; answers what came in the last minute, and what was wrong with most of what was rejected. */
  look(counted: Counted, nowMs: number): InputCounts {
    const last = this.#samples.at(-1)
    // It counts from the start again.
    if (last !== undefined && (counted.records ?? 0) < (last.counted.records ?? 0)) this.#samples = []
    this.#samples = [...this.#samples.filter(({ atMs }) => atMs >= nowMs - RECENT_MS), { atMs: nowMs, counted }]
    const before = this.#samples[0]!.counted
    const grown = (name: string): number => (counted[name] ?? 0) - (before[name] ?? 0)
    const most = (prefix: string): string | null => mostOf(counted, prefix, grown)
    const code = most(OF_REASON)
    return {
      received: grown('records'),
      rejected: grown('rejected'),
      mainReason: isCode(code) ? { code, field: most(OF_FIELD), expected: null, found: null } : null,
    }
  }
}

const isCode = (name: string | null): name is RejectionCode => name !== null && name in rejectionCodes

/** Of the counts with this beginning, what follows it in the name of the one that grew most; null when none did. */
function mostOf(counted: Counted, prefix: string, grown: (name: string) => number): string | null {
  const names = Object.keys(counted).filter((name) => name.startsWith(prefix) && grown(name) > 0)
  const [first] = names.sort((a, b) => grown(b) - grown(a))
  return first?.slice(prefix.length) ?? null
}
