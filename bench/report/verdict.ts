import type { Figure, Report } from './figure.ts'
import { fullTargets, quickTargets, type Target, YARDSTICK } from './targets.ts'

/** `undecided`: there is a target, and the machine was too busy for this figure to count. `none`: there is no target. */
export type Verdict = 'pass' | 'miss' | 'undecided' | 'none'

export interface Judged {
  readonly figure: Figure
  readonly target: Target | null
  /** The target for this machine; null without target. */
  readonly limit: number | null
  readonly verdict: Verdict
}

/** Other programs may take this much of the machine, and it still counts as idle: what an idle system does by itself. */
const IDLE_SHARE_MAX = 0.05

export const isIdle = ({ othersShare }: Pick<Report, 'othersShare'>): boolean =>
  Math.max(othersShare.atStart, othersShare.during) <= IDLE_SHARE_MAX

/** How much slower this machine is than the reference, by the CPU that DuckDB takes; 1 where that was not measured. */
export function machineFactor({ figures }: Pick<Report, 'figures'>): number {
  const yardstick = figures.find(({ id }) => id === YARDSTICK.figure)
  return yardstick === undefined ? 1 : yardstick.value / YARDSTICK.reference
}

export function judge(report: Report): readonly Judged[] {
  const targets = report.mode === 'full' ? fullTargets : quickTargets
  const [factor, idle] = [machineFactor(report), isIdle(report)]
  return report.figures.map((figure) => {
    const target = targets[figure.id] ?? null
    if (target === null) return { figure, target, limit: null, verdict: 'none' }
    const limit = !target.scaled ? target.limit : scaledLimit(target.limit, figure.better, factor)
    return { figure, target, limit, verdict: verdictOf(figure, limit, target.decides === 'always' || idle) }
  })
}

/** A slower machine may take longer, and has to do less in the same time. */
const scaledLimit = (limit: number, better: Figure['better'], factor: number): number =>
  better === 'lower' ? limit * factor : limit / factor

function verdictOf({ value, better }: Figure, limit: number, decides: boolean): Verdict {
  if (!decides) return 'undecided'
  return (better === 'lower' ? value <= limit : value >= limit) ? 'pass' : 'miss'
}
