/** The numbers of two ascending sequences, ascending, each once. The second is read as far as the answer is. */
export function* mergedNumbers(a: Iterable<number>, b: Iterable<number>): Generator<number, void, void> {
  const sources = [a, b].map((numbers) => numbers[Symbol.iterator]())
  const next = sources.map((numbers) => numbers.next())
  for (;;) {
    const heads = next.map((head) => (head.done === true ? Number.POSITIVE_INFINITY : head.value))
    const least = Math.min(...heads)
    if (least === Number.POSITIVE_INFINITY) return
    yield least
    for (const [i, head] of heads.entries()) if (head === least) next[i] = sources[i]!.next()
  }
}
