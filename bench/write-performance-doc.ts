import { readFileSync, writeFileSync } from 'node:fs'
import { isExact } from './expected/compare-rows.ts'
import type { Report } from './report/figure.ts'
import { judgedCells, machineText } from './report/report-text.ts'
import { isIdle, judge, machineFactor } from './report/verdict.ts'

/**
 * `node bench/write-performance-doc.ts <report.json>`: puts the figures of a report into docs/reference/performance.md, between its two marks. What is around
 * them is written by people.
 */
const PAGE = 'docs/reference/performance.md'
const BEGIN = '<!-- figures: begin -->'
const END = '<!-- figures: end -->'

const cell = (text: string): string => text.replaceAll('|', '\\|')

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

function figuresText(report: Report): string {
  const exact = report.checks.filter(({ comparison }) => isExact(comparison)).length
  const decided = isIdle(report) ? 'Wall figures decided too.' : 'Wall figures did not decide, as other programs ran.'
  return [
    `Measured ${report.startedAt.slice(0, 10)}: ${machineText(report)}. ${decided} DuckDB took ${machineFactor(report).toFixed(2)} times the CPU of the reference machine.`,
    `${exact} of ${report.checks.length} results had exactly the rows expected.`,
    '',
    ...table(report),
    ...report.notMeasured.map(({ title, reason }) => `\nNot measured: ${title} (${reason.split('\n')[0]}).`),
  ].join('\n')
}

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('usage: node bench/write-performance-doc.ts <report.json>')
const report = JSON.parse(readFileSync(path, 'utf8')) as Report
const page = readFileSync(PAGE, 'utf8')
const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
if (begin === -1 || end < begin) throw new Error(`${PAGE} has no marks ${BEGIN} and ${END}`)
writeFileSync(PAGE, `${page.slice(0, begin + BEGIN.length)}\n${figuresText(report)}\n${page.slice(end)}`)
