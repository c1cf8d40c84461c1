import { relativeSpread } from '../measuring/statistics.ts'
import type { Figure, Report } from './figure.ts'

/** How a figure changed from one report to another. */
export interface Change {
  readonly before: Figure
  readonly after: Figure
  /** (after - before) / before. */
  readonly relative: number
  /** What the repeated runs of both reports differ by anyway, relative; a change within it says nothing. */
  readonly noise: number
  readonly kind: 'better' | 'worse' | 'within noise'
}

/** Two reports of the same state differ by this much even where their own runs agree: caches, layout of memory, the host. */
const NOISE_MIN = 0.05

/** Figures that both reports have, in the order of the later one. */
export function compareReports(before: Report, after: Report): readonly Change[] {
  const earlier = new Map(before.figures.map((figure) => [figure.id, figure]))
  return after.figures.flatMap((figure) => {
    const counterpart = earlier.get(figure.id)
    return counterpart === undefined || counterpart.unit !== figure.unit ? [] : [changeOf(counterpart, figure)]
  })
}

function changeOf(before: Figure, after: Figure): Change {
  const relative = before.value === 0 ? 0 : (after.value - before.value) / before.value
  const noise = NOISE_MIN + relativeSpread(before.samples) + relativeSpread(after.samples)
  if (Math.abs(relative) <= noise) return { before, after, relative, noise, kind: 'within noise' }
  return { before, after, relative, noise, kind: relative < 0 === (after.better === 'lower') ? 'better' : 'worse' }
}

/** Why figures of these two say little about a change of the program; empty: they may be compared. */
export function reasonsAgainst(before: Report, after: Report): readonly string[] {
  const differences: readonly (readonly [string, unknown, unknown])[] = [
    ['CPU', before.machine.cpu, after.machine.cpu],
    ['number of cores', before.machine.cores, after.machine.cores],
    ['Node', before.machine.node, after.machine.node],
    ['mode', before.mode, after.mode],
    ['pinning', before.pinned, after.pinned],
  ]
  return differences.filter(([, a, b]) => a !== b).map(([what, a, b]) => `${what}: ${a} and ${b}`)
}
