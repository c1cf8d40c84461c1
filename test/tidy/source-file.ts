import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { blankComments, blankCommentsAndTexts } from './blank-text.ts'

/** A file as the rules see it: its path from the repository's root, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  /** The text with comments blanked, line by line as long as before. */
  readonly uncommented: string
  /** The text with comments and the contents of texts blanked. */
  readonly code: string
}

/** Something that breaks a rule: where, and what is wrong. */
export type Violation = string

const IGNORED = new Set(['node_modules', '.git', 'data', 'dist', 'tmp', '.mysimbdp-cluster'])

/** What another program writes is as that program writes it: no rule of ours is about it. */
const isGenerated = (path: string): boolean => path.split('/').includes('generated')

/** Paths of all files under a folder, as git would track them, sorted. */
export function filesUnder(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replace(/^\//, ''))
    .filter((path) => !IGNORED.has(path.split('/')[0]!) && !path.endsWith('.log') && !isGenerated(path))
    .sort()
}

export function sourceFile(path: string, text: string): SourceFile {
  return { path, text, uncommented: blankComments(text), code: blankCommentsAndTexts(text) }
}

export const readSourceFile = (root: string, path: string): SourceFile =>
  sourceFile(path, readFileSync(join(root, path), 'utf8'))

/** Files that only tests use; they may know more than the code they test. */
export const isTestFile = (path: string): boolean => /\.(test|contract|fixture)\.ts$/.test(path)

/** `path:line` of each match, with a sentence. */
export function matches(file: SourceFile, text: string, pattern: RegExp, sentence: string): readonly Violation[] {
  return [...text.matchAll(pattern)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length
    return `${file.path}:${line}: ${sentence.replace('$&', match[0].trim())}`
  })
}
