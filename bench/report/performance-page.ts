import { isExact } from '../expected/compare-rows.ts'
import type { Report } from './figure.ts'
import { judgedCells, machineText } from './report-text.ts'
import { isIdle, judge, machineFactor } from './verdict.ts'

const BEGIN = '<!-- figures: begin -->'
const END = '<!-- figures: end -->'

/** The page with the figures of this report between its two marks. @throws Error when it has no marks */
export function pageWithFigures(page: string, report: Report): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin === -1 || end < begin) throw new Error(`the page has no marks ${BEGIN} and ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n${figuresText(report)}\n${page.slice(end)}`
}

function figuresText(report: Report): string {
  const exact = report.checks.filter(({ comparison }) => isExact(comparison)).length
  const decided = isIdle(report) ? 'Wall figures decided too.' : 'Wall figures did not decide, as other programs ran.'
  return [
    `Measured ${report.startedAt.slice(0, 10)}: ${machineText(report)}. ${decided}`,
    `The large input had ${report.records.toLocaleString('en-US')} trips. DuckDB took ${machineFactor(report).toFixed(2)} times the CPU of the reference machine. ${exact} of ${report.checks.length} results had exactly the rows expected.`,
    '',
    ...table(report),
    ...(report.remarks ?? []).map((remark) => `\n${remark}.`),
    ...report.notMeasured.map(({ title, reason }) => `\nNot measured: ${title} (${reason.split('\n')[0]}).`),
  ].join('\n')
}

function table(report: Report): readonly string[] {
  const judged = judge(report)
  const sections = [...new Set(report.figures.map(({ section }) => section))]
  const rows = sections.flatMap((section) => [
    `| **${cell(section)}** | | | | |`,
    ...judged
      .filter(({ figure }) => figure.section === section)
      .map((one) => `| ${judgedCells(one).map(cell).join(' | ')} |`),
  ])
  return ['| | target | measured | of target | |', '|---|--:|--:|--:|---|', ...rows]
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
