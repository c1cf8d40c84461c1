import type { Seeded } from './seeded.ts'

/** Arrivals in another order, which within each partition is the same: results must not see the difference. */
export function interleaved<A extends { readonly stream: string; readonly partition: number }>(
  arrivals: readonly A[],
  random: Seeded,
): readonly A[] {
  const queues = new Map<string, A[]>()
  for (const arrival of arrivals) {
    const place = `${arrival.stream} ${arrival.partition}`
    queues.set(place, [...(queues.get(place) ?? []), arrival])
  }
  const merged: A[] = []
  while (merged.length < arrivals.length) {
    const queue = random.pick([...queues.values()].filter(({ length }) => length > 0))
    merged.push(...queue.splice(0, random.between(1, 4)))
  }
  return merged
}
