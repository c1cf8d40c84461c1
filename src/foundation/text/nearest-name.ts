/** Of words of so many letters one in three may be wrong; more is another word. */
const LETTERS_PER_ERROR = 3

/** The name that somebody who wrote `wrong` most likely meant; undefined where none is near. */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  const written = wrong.toLowerCase()
  let nearest: string | undefined
  let least = Math.max(1, Math.floor(wrong.length / LETTERS_PER_ERROR))
  for (const name of names) {
    const known = name.toLowerCase()
    // What is begun and not finished is near, too.
    const distance = known.startsWith(written) && written.length >= LETTERS_PER_ERROR ? 0 : editDistance(written, known)
    if (distance > least || (distance === least && nearest !== undefined)) continue
    nearest = name
    least = distance
  }
  return nearest
}

/** Letters to insert, delete, replace, or exchange with their neighbour, so that one text becomes the other. */
function editDistance(from: string, to: string): number {
  let [twoBefore, before]: number[][] = [[], Array.from({ length: to.length + 1 }, (_, length) => length)]
  for (let row = 1; row <= from.length; row++) {
    const distances = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = before![column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1)
      const isExchanged = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      const exchanged = isExchanged ? (twoBefore![column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      distances.push(Math.min(replaced, exchanged, before![column]! + 1, distances[column - 1]! + 1))
    }
    twoBefore = before
    before = distances
  }
  return before![to.length]!
}
