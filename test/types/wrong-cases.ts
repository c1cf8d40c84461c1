import { readdirSync, readFileSync } from 'node:fs'

/** A file of `cases/` that must not compile. */
export interface WrongCase {
  /** Its file name without the ending. */
  readonly name: string
  /** The lines that must fail, each with words of its diagnostic. */
  readonly marks: readonly { readonly line: number; readonly words: string }[]
  /** What the same mistake is refused with in a plan that comes as JSON. */
  readonly sentence: string
}

export const casesFolder = new URL('cases/', import.meta.url)

/** Words of a mark are ours unless the file says what a plan is refused with: then TypeScript found words of its own. */
export function readWrongCases(): readonly WrongCase[] {
  const names = readdirSync(casesFolder).filter((name) => name.endsWith('.ts'))
  return names.map(readCase).filter(({ marks }) => marks.length > 0)
}

function readCase(fileName: string): WrongCase {
  const lines = readFileSync(new URL(fileName, casesFolder), 'utf8').split('\n')
  const marks = lines.flatMap((text, index) => {
    const words = / \/\/ error: (.+)$/.exec(text)?.[1]
    return words === undefined ? [] : [{ line: index + 1, words }]
  })
  const ofPlan = lines.map((text) => /^\/\/ in a plan: (.+)$/.exec(text)?.[1]).find((words) => words !== undefined)
  return { name: fileName.replace(/\.ts$/, ''), marks, sentence: ofPlan ?? marks[0]?.words ?? '' }
}
