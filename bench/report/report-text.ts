import { isExact } from '../expected/compare-rows.ts'
import type { Figure, Report, RowCheck } from './figure.ts'
import { valueText } from './value-text.ts'
import { isIdle, type Judged, judge, machineFactor } from './verdict.ts'

const HEAD = ['', 'target', 'measured', 'of target', ''] as const
const WIDTHS = [68, 32, 20, 11, 11] as const

/** The whole report for a terminal. */
export function reportText(report: Report): string {
  const judged = judge(report)
  const sections = [...new Set(report.figures.map(({ section }) => section))]
  return [
    machineText(report),
    '',
    tableLine(HEAD),
    ...sections.flatMap((section) => ['', ...sectionLines(section, judged)]),
    '',
    ...report.checks.filter(({ comparison }) => !isExact(comparison)).map(wrongRowsText),
    ...report.notMeasured.map(
      ({ title, reason, failed }) => `${failed ? 'FAILED' : 'not measured'}: ${title}: ${reason}`,
    ),
    ...(report.remarks ?? []),
    decisionText(report, judged),
  ].join('\n')
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

export const machineText = (report: Report): string => {
  const { cpu, cores, memoryGigabytes, node, loadAverage } = report.machine
  const { atStart, during } = report.othersShare
  return (
    `${cores} x ${cpu}, ${memoryGigabytes} GiB, Node ${node}, commit ${report.commit ?? 'unknown'}, load ${loadAverage}; ` +
    `others took ${percent(atStart)} at the start, ${percent(during)} meanwhile; ${report.pinned ? 'programs held to their cores' : 'no taskset: programs on any core'}`
  )
}

function sectionLines(section: string, judged: readonly Judged[]): readonly string[] {
  const rows = judged.filter(({ figure }) => figure.section === section).map(judgedCells)
  return [section, ...rows.map(tableLine)]
}

const tableLine = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => (i === 0 ? `  ${cell}`.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!)))
    .join('')
    .trimEnd()

/** Title, target, measured value, how much of the target that is, verdict. */
export function judgedCells({ figure, target, limit, verdict }: Judged): readonly string[] {
  const measured = valueText(figure.value, figure.unit)
  if (target === null || limit === null) return [figure.title, '', measured, '', '']
  const sign = figure.better === 'lower' ? '<=' : '>='
  const absolute = target.scaled ? ` (${valueText(target.limit, figure.unit).split(' ')[0]})` : ''
  return [
    figure.title,
    `${sign} ${valueText(limit, figure.unit)}${absolute}`,
    measured,
    percent(figure.value / limit),
    verdict === 'miss' ? 'MISS' : verdict,
  ]
}

const wrongRowsText = ({ title, lateness, comparison }: RowCheck): string =>
  `WRONG ROWS: ${title} against ${lateness}: ${comparison.equal} of ${comparison.expected} equal, ${comparison.unexpected} unexpected; ${comparison.example}`

function decisionText(report: Report, judged: readonly Judged[]): string {
  const missed = judged.filter(({ verdict }) => verdict === 'miss')
  const undecided = judged.filter(({ verdict }) => verdict === 'undecided')
  const exact = report.checks.filter(({ comparison }) => isExact(comparison)).length
  const titles = (all: readonly { readonly figure: Figure }[]): string =>
    all.map(({ figure }) => `${figure.section.split(':')[0]}: ${figure.title}`).join('; ')
  return [
    `rows: ${exact} of ${report.checks.length} results equal those expected`,
    ...(report.mode === 'full' ? [scaleText(report)] : []),
    isIdle(report)
      ? 'decided: CPU, memory, ratios, and wall figures, as the machine was idle'
      : `decided: CPU, memory and ratios; wall figures were not, as other programs ran: ${titles(undecided) || 'none'}`,
    missed.length === 0 ? 'no target is missed' : `MISSED: ${titles(missed)}`,
  ].join('\n')
}

const scaleText = (report: Report): string =>
  `targets in front of brackets hold for this machine, which takes ${machineFactor(report).toFixed(2)} times the reference's CPU for DuckDB; those in brackets are the reference's`

/** Whether the bench ends well: every row right, no target missed that was decided. */
export const isGood = (report: Report): boolean =>
  report.notMeasured.every(({ failed }) => !failed) &&
  report.checks.every(({ comparison }) => isExact(comparison)) &&
  judge(report).every(({ verdict }) => verdict !== 'miss')
