import { dirname, join } from 'node:path/posix'
import type { SourceFile } from './source-file.ts'

export interface Import {
  readonly from: SourceFile
  readonly line: number
  /** As written: `./plan.ts`, `#language/plan/plan.ts`, `node:fs`, `commander`. */
  readonly specifier: string
  /** Path from the repository's root of the file it names, or null for a library. */
  readonly target: string | null
}

const IMPORT =
  /^(?:import|export)\s[^'"]*?from\s+'(?<from>[^']+)'|^import\s+'(?<bare>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'/gm

export function importsOf(file: SourceFile): readonly Import[] {
  return [...file.uncommented.matchAll(IMPORT)].map((match) => {
    const { from, bare, dynamic } = match.groups!
    const specifier = (from ?? bare ?? dynamic)!
    const line = file.uncommented.slice(0, match.index).split('\n').length
    return { from: file, line, specifier, target: targetOf(file.path, specifier) }
  })
}

function targetOf(path: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return join(dirname(path), specifier)
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`
  return specifier === 'mysimbdp' ? 'src/mysimbdp.ts' : null
}

export const place = ({ from, line }: Import): string => `${from.path}:${line}`
