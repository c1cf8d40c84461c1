import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { JobStatus } from '#dataplane/engines/engine.ts'
import { type AppPlan, sourceOf } from '#language/plan/plan.ts'
import { topicOf } from '../runs/platform.ts'

/** Which queries are being computed anew: until they have read as far as the log went when they began, their results are not whole. */
export class RebuildProgress {
  /** By query, the offset it has to reach. */
  readonly #targets = new Map<string, number>()

  get queries(): readonly string[] {
    return [...this.#targets.keys()]
  }

  /** @param logs are closed when their ends are known */
  async begin(queries: readonly string[], plan: AppPlan, logs: readonly StreamReader[]): Promise<void> {
    const ends = new Map<string, number>()
    for (const log of logs) {
      ends.set(log.spec.topic, (await log.bounds(0)).end)
      await log.close()
    }
    const rebuilt = plan.queries.filter(({ name }) => queries.includes(name))
    for (const { name, output } of rebuilt)
      this.#targets.set(name, ends.get(topicOf(plan, sourceOf(output).stream)) ?? 0)
  }

  /** A query that is no longer there is not waited for. */
  follow({ queries }: JobStatus): void {
    const offsets = new Map(queries.map(({ query, positions }) => [query, positions[0]!.offset]))
    for (const [query, target] of this.#targets)
      if ((offsets.get(query) ?? Number.POSITIVE_INFINITY) >= target) this.#targets.delete(query)
  }
}
