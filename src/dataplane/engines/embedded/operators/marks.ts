/** The places that hold 1, which are set to 0. */
export function takeMarked(marks: Uint8Array): number[] {
  const marked: number[] = []
  for (let at = marks.indexOf(1); at >= 0; at = marks.indexOf(1, at + 1)) {
    marked.push(at)
    marks[at] = 0
  }
  return marked
}
