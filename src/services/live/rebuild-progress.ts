import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { JobStatus } from '#dataplane/engines/engine.ts'
import { type AppPlan, sourceOf } from '#language/plan/plan.ts'
import { topicOf } from '../runs/platform.ts'

/** Which queries are being computed anew: each until it has read what its stream's log held when that began. */
export class RebuildProgress {
  readonly #ends = new Map<string, number>()

  /** Queries whose results are not whole yet. */
  get unfinished(): readonly string[] {
    return [...this.#ends.keys()]
  }

  /** `readers` of all logs of the app; they are closed. */
  async begin(plan: AppPlan, rebuilt: readonly string[], readers: readonly StreamReader[]): Promise<void> {
    const logEnds = new Map<string, number>()
    for (const reader of readers) {
      logEnds.set(reader.spec.topic, (await reader.bounds(0)).end)
      await reader.close()
    }
    for (const query of plan.queries.filter((each) => rebuilt.includes(each.name)))
      this.#ends.set(query.name, logEnds.get(topicOf(plan, sourceOf(query.output).stream)) ?? 0)
  }

  /** A query that is no longer there is not waited for. */
  follow({ queries }: JobStatus): void {
    const offsets = new Map(queries.map(({ query, positions }) => [query, positions[0]!.offset]))
    for (const [query, end] of this.#ends)
      if ((offsets.get(query) ?? Number.POSITIVE_INFINITY) >= end) this.#ends.delete(query)
  }
}
