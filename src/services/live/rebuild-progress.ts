import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { JobStatus } from '#dataplane/engines/engine.ts'
import { type AppPlan, sourceOf } from '#language/plan/plan.ts'
import { topicOf } from '../runs/platform.ts'

/** Which queries are being computed anew: until they have read as far as the log went when they began, their results are not whole. */
export class RebuildProgress {
  /** By query, the offset that it has to reach in each partition. */
  readonly #targets = new Map<string, readonly number[]>()

  get queries(): readonly string[] {
    return [...this.#targets.keys()]
  }

  /** @param logs are closed when their ends are known */
  async begin(queries: readonly string[], plan: AppPlan, logs: readonly StreamReader[]): Promise<void> {
    const ends = new Map<string, readonly number[]>()
    for (const log of logs) {
      ends.set(log.spec.topic, await endsOf(log))
      await log.close()
    }
    const rebuilt = plan.queries.filter(({ name }) => queries.includes(name))
    for (const { name, output } of rebuilt)
      this.#targets.set(name, ends.get(topicOf(plan, sourceOf(output).stream)) ?? [])
  }

  /** A query that is no longer there is not waited for. */
  follow({ queries }: JobStatus): void {
    const known = new Map(queries.map(({ query, positions }) => [query, positions]))
    for (const [query, target] of this.#targets)
      if (known.get(query)?.some(({ partition, offset }) => offset < (target[partition] ?? 0)) !== true)
        this.#targets.delete(query)
  }
}

/** Of each partition, the offset that the next record will get. */
export async function endsOf(log: StreamReader): Promise<readonly number[]> {
  const ends: number[] = []
  for (let partition = 0; partition < log.spec.partitions; partition++) ends.push((await log.bounds(partition)).end)
  return ends
}
